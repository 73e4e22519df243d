// SPDX-License-Identifier: LGPL-2.1-or-later
// The readers and cards that are there now. Fed by the readers' events, read by everybody else on the loop
// thread.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/core/token.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::core {

struct Reader {
    ReaderName name;
    PinPad pin_pad;
    ReaderState state = ReaderState::Empty;
    std::string problem;          ///< sentence on the state, see ReaderEvents::on_reader_state
    std::unique_ptr<Token> token; ///< null while there is no usable card
};

/// Told of every change, after it happened (for what comes) and before (for what goes), so that the object
/// named exists during the call. An observer overrides what it cares for.
class RegistryObserver {
public:
    virtual ~RegistryObserver() = default;

    virtual void on_pcsc_state_changed() {}
    virtual void on_reader_added(const Reader&) {}
    virtual void on_reader_changed(const Reader&) {}
    virtual void on_reader_removing(const Reader&) {}
    virtual void on_token_added(const Token&) {}
    virtual void on_token_changed(const Token&) {}
    virtual void on_pin_changed(const Pin&) {}
    /// The card has forgotten the PINs that were to stay verified.
    virtual void on_login_lost(const Token&) {}
    virtual void on_token_removing(const Token&) {}
};

class Registry final : public ReaderEvents {
public:
    /// Observers outlive the registry's last event; they are told in the order in which they were added.
    void add_observer(RegistryObserver& observer) { observers_.push_back(&observer); }

    PcscState pcsc_state() const { return pcsc_state_; }
    const std::string& pcsc_message() const { return pcsc_message_; }

    const std::map<ReaderName, Reader>& readers() const { return readers_; }
    const Reader* find_reader(const ReaderName& name) const;
    const Token* find_token(std::string_view id) const;
    const Token* find_token(CardSessionId session) const;

    /// What a job learned of a PIN, between two on_pin_statuses.
    void update_pin_status(CardSessionId session, std::uint8_t reference, const card::PinStatus& status);

    // ReaderEvents
    void on_pcsc_state(PcscState state, const std::string& message) override;
    void on_reader_added(const ReaderName& reader, PinPad pin_pad) override;
    void on_reader_removed(const ReaderName& reader) override;
    void on_reader_state(const ReaderName& reader, ReaderState state, const std::string& detail) override;
    void on_card_inserted(const ReaderName& reader, CardSessionId session,
                          const card::CardDescription& description) override;
    void on_pin_statuses(CardSessionId session, const std::vector<card::PinStatus>& statuses,
                         card::ActivationState activation) override;
    void on_login_lost(CardSessionId session) override;
    void on_card_removed(const ReaderName& reader, CardSessionId session) override;

private:
    Token* find_token_mutable(CardSessionId session);
    std::string new_token_id(const card::CardDescription& description) const;
    void remove_token(Reader& reader);

    template <typename... Arguments>
    void tell(void (RegistryObserver::*event)(Arguments...), Arguments... arguments) const {
        for (RegistryObserver* observer : observers_)
            (observer->*event)(arguments...);
    }

    std::vector<RegistryObserver*> observers_;
    PcscState pcsc_state_ = PcscState::Starting;
    std::string pcsc_message_;
    std::map<ReaderName, Reader> readers_;
};

} // namespace digisign::core
