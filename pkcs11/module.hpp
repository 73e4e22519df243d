// SPDX-License-Identifier: LGPL-2.1-or-later
// The module between C_Initialize and C_Finalize: what it knows of the slots, and the application's sessions.

#pragma once

#include "pkcs11/service.hpp"
#include "pkcs11/session_table.hpp"
#include "pkcs11/view.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace digisign::pkcs11 {

class Module {
public:
    /// Does no I/O.
    explicit Module(const std::string& socket_path);

    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    const std::shared_ptr<Service>& service() const { return service_; }
    SessionTable& sessions() { return sessions_; }

    /// What is true now. Asks digisignd only if that has said that something changed, or is new; without one,
    /// or with one that does not answer, there are no slots. Ends sessions whose card is gone.
    std::shared_ptr<const View> view();

    /// The next view() asks, whatever digisignd has said: its answer to a call may overtake the signal.
    void expect_changes() { changed_ = true; }

    /// A session's slot in the view. Throws Fault(CKR_SESSION_HANDLE_INVALID).
    struct Place {
        std::shared_ptr<const View> view;
        CK_SLOT_ID slot = 0;

        const Token& token() const { return view->token(slot); }
    };
    Place place_of(CK_SESSION_HANDLE session);

    /// Whether the application may see what is private in the slot.
    bool sees_private(const Place& place) const;

    /// A slot whose card was inserted or removed since the application was told last; empty if there is none,
    /// and with `wait` only then if there is one. Throws Fault(CKR_CRYPTOKI_NOT_INITIALIZED) after
    /// shut_down().
    std::optional<CK_SLOT_ID> next_slot_event(bool wait);

    /// Lets time pass. Throws Fault(CKR_CRYPTOKI_NOT_INITIALIZED) if shut_down() ends that.
    void pause(Connection::Clock::duration duration);

    /// Every call that waits ends.
    void shut_down();
    /// See Connection::abandon().
    void abandon() noexcept { service_->connection().abandon(); }

private:
    void on_signal(sd_bus_message* message);
    void end_logins_that_ended();
    std::shared_ptr<const View> ask();
    std::optional<CK_SLOT_ID> take_slot_event(const View& view);
    bool wait_for_news();

    std::shared_ptr<Service> service_; ///< shared with the streams of operations
    SessionTable sessions_;

    std::atomic<bool> changed_{false}; ///< set with the connection locked, so no lock is taken for it
    std::mutex ended_mutex_;
    std::set<CK_SLOT_ID> ended_logins_;

    std::mutex mutex_; ///< of what follows; never held while waiting
    ViewMaker view_maker_;
    std::shared_ptr<const View> view_;
    Connection::Clock::time_point ask_not_before_;          ///< after a digisignd that did not answer
    std::optional<std::map<CK_SLOT_ID, std::string>> told_; ///< tokens the application knows of
    bool shut_down_ = false;
    std::condition_variable shutting_down_;
};

} // namespace digisign::pkcs11
