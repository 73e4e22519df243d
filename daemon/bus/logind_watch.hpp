// SPDX-License-Identifier: LGPL-2.1-or-later
// Listens to systemd-logind (org.freedesktop.login1(5)): sleep, screen lock, and which session is active.
//
// A user service is in no login session itself, so all sessions of its user count. That logind is not there,
// or comes and goes, is a state; it is logged once.

#pragma once

#include "common/unique_fd.hpp"
#include "daemon/bus/system_bus.hpp"
#include "daemon/core/session_events.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace digisign::bus {

class LogindWatch final : private SystemBus::User {
public:
    /// Both outlive this object.
    LogindWatch(sdbus::EventLoop& loop, core::SessionEvents& events);
    ~LogindWatch() override;

private:
    struct Session {
        explicit Session(LogindWatch& owner) : watch(owner) {}

        LogindWatch& watch;
        bool active = false;
        bool locked = false;
        sdbus::SlotPtr query; ///< while its state is asked for
    };

    void on_bus_opened(sd_bus* bus) override;
    void on_bus_lost() override;

    void match(const char* rule, sd_bus_message_handler_t handler);
    void list_sessions();
    void query_session(const std::string& path, Session& session);
    void take_inhibitor();
    void miss_logind();
    void find_logind();

    void on_owner_changed(sd_bus_message* signal);
    void on_manager_signal(sd_bus_message* signal);
    void on_session_signal(sd_bus_message* signal);
    void on_sessions(sd_bus_message* reply);
    void on_inhibitor(sd_bus_message* reply);
    void on_sleep(bool begins);
    void read_state(Session& session, sd_bus_message* properties);

    /// A callback of sd-bus for a member function that takes the message.
    template <void (LogindWatch::*handle)(sd_bus_message*)>
    static int forward(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int on_session_state(sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept;

    sdbus::EventLoop& loop_;
    core::SessionEvents& events_;
    sd_bus* bus_ = nullptr; ///< of system_bus_; null while there is none
    std::vector<sdbus::SlotPtr> matches_;
    sdbus::SlotPtr listing_;
    sdbus::SlotPtr inhibiting_;
    std::map<std::string, Session> sessions_; ///< of our user, by object path
    /// Delays sleep while it is open. Shared with the one who has to get ready, see on_sleep().
    std::shared_ptr<UniqueFd> inhibitor_;
    std::optional<sdbus::EventLoop::TimerId> absence_timer_; ///< runs while logind is missed
    bool absence_logged_ = false;
    SystemBus system_bus_; ///< last: it calls the rest
};

} // namespace digisign::bus
