// SPDX-License-Identifier: LGPL-2.1-or-later
// One card from its insertion to its removal, as its reader's worker thread handles it.

#pragma once

#include "daemon/card/card.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/pcsc/channel.hpp"
#include "daemon/pcsc/progress.hpp"
#include "daemon/pcsc/transaction.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace digisign::pcsc {

/// card::open_card() with the cache bound. Runs on worker threads, for several readers at a time.
using CardOpener = std::function<std::unique_ptr<card::Card>(card::Transaction&, ByteView atr)>;

/// Every call is within one PC/SC transaction. During a login the next call may be within the same one; see
/// let_go(). If another program resets the card
/// meanwhile, the call starts over once, unless a PIN has been sent. Throws Error as core::ReaderPort says.
///
/// Keeps account of the PINs that are to stay verified on the card between calls: they are lost with the
/// connection, and may be lost by SELECT or by another PIN.
class CardSession {
public:
    /// The objects referred to live as long as the worker. `card_identity` is the reader's event count with
    /// this card in it: a card that took its place is not touched.
    CardSession(Context& context, core::ReaderName reader, std::uint16_t card_identity, Progress& progress);

    /// Resets the card if PINs are verified on it.
    ~CardSession();

    CardSession(const CardSession&) = delete;
    CardSession& operator=(const CardSession&) = delete;

    /// Identifies the card and reads what is public. Also throws CardUnrecognized.
    void open(const CardOpener& open_card);

    const card::CardDescription& description() const { return card_->description(); }

    struct PinStatuses {
        std::vector<card::PinStatus> statuses; ///< parallel to CardDescription::pins
        card::ActivationState activation;
    };
    PinStatuses pin_statuses();

    // The requests of core::ReaderPort. A PIN in one is wiped before the call returns.
    core::SignResult perform(core::SignRequest& request, const Withdrawal& withdrawn);
    core::SecretResult perform(core::DecipherRequest& request, const Withdrawal& withdrawn);
    core::SecretResult perform(core::DeriveRequest& request, const Withdrawal& withdrawn);
    core::PinResult perform(core::VerifyRequest& request, const Withdrawal& withdrawn);
    core::PinResult perform(core::SetPinRequest& request, const Withdrawal& withdrawn);
    core::LogOutResult perform(core::LogOutRequest& request, const Withdrawal& withdrawn);
    core::PinStatusResult perform(core::PinStatusRequest& request, const Withdrawal& withdrawn);

    /// Whether a transaction goes on, which keeps other programs out. During a login it is left to the caller
    /// to end it: calls that follow at once are within the same one, and need not tell the card anew what it
    /// was told (docs/decisions/0021).
    bool holds_card() const { return held_ != nullptr; }
    void let_go() { held_.reset(); }

    /// Whether the connection holds nothing but itself: no PIN is kept verified.
    bool is_idle() const { return channel_ && kept_.empty(); }

    /// Lets other programs have the card to themselves; the next call connects again. Needs is_idle().
    void disconnect() { channel_.reset(); }

    /// Whether PINs that were kept have been lost since the last call of this.
    bool take_login_lost() { return std::exchange(login_lost_, false); }

private:
    struct Presentation;
    class Hold;
    struct Held {
        explicit Held(Channel& channel) : transaction(channel), apdus(channel) {}

        Transaction transaction;
        card::Transaction apdus;
    };

    template <class Work>
    auto in_transaction(Work work);
    template <class Work>
    auto with_log_out(Transaction& transaction, card::Transaction& apdus, Presentation presentation,
                      Work work);
    template <class End>
    void or_reset(Transaction& transaction, End end);

    void connect();
    void give_up(ErrorCode fault);
    void select(card::Transaction& apdus, Presentation& presentation);
    card::PinOutcome present(card::Transaction& apdus, Presentation& presentation, core::PresentedPin& pin);
    template <class Result, class Request, class Use>
    Result use_key(Request& request, const Withdrawal& withdrawn, Use use);
    template <class Use>
    auto use_as_it_is(card::Transaction& apdus, Presentation& presentation, Use use);
    void enter_application(Transaction& transaction, card::Transaction& apdus);
    void settle(card::Transaction& apdus, const Presentation& presentation);
    void end_login(card::Transaction& apdus, const card::PinSet& keep);
    void recount(card::Transaction& apdus, const card::PinSet& candidates,
                 std::optional<std::uint8_t> verified);
    void lose_login();
    const card::PinDescription& find_pin(std::uint8_t reference) const;

    Context& context_;
    core::ReaderName reader_;
    std::uint16_t card_identity_;
    Progress& progress_;
    std::unique_ptr<Channel> channel_; ///< null while disconnected
    std::unique_ptr<Held> held_; ///< null between transactions; refers to channel_, so declared after it
    card::PinSet kept_;          ///< verified on the card, as far as is known; only while connected
    bool login_lost_ = false;
    std::unique_ptr<card::Card> card_; ///< null until open() has succeeded
};

} // namespace digisign::pcsc
