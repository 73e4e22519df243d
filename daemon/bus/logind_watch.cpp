// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/logind_watch.hpp"

#include "common/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string_view>
#include <utility>

namespace digisign::bus {

namespace {

constexpr char service[] = "org.freedesktop.login1";
constexpr char manager_path[] = "/org/freedesktop/login1";
constexpr char manager_interface[] = "org.freedesktop.login1.Manager";
constexpr char session_interface[] = "org.freedesktop.login1.Session";
constexpr char properties_interface[] = "org.freedesktop.DBus.Properties";

constexpr char owner_rule[] = "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                              "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                              "arg0='org.freedesktop.login1'";
constexpr char manager_rule[] =
    "type='signal',sender='org.freedesktop.login1',path='/org/freedesktop/login1',"
    "interface='org.freedesktop.login1.Manager'";
constexpr char session_rule[] = "type='signal',sender='org.freedesktop.login1',"
                                "path_namespace='/org/freedesktop/login1/session'";

/// logind waits InhibitDelayMaxSec=, by default 5 s, and a card that is busy with a command needs some of
/// them.
constexpr std::chrono::seconds longest_delay{4};

/// A restart takes less; what takes longer is worth a line in the log.
constexpr std::chrono::seconds patience{10};

void require(int result) {
    sdbus::check(result, "logind sent a message that cannot be read");
}

sdbus::MessagePtr new_call(sd_bus* bus, const char* path, const char* interface, const char* member) {
    sd_bus_message* message = nullptr;
    sdbus::check(sd_bus_message_new_method_call(bus, &message, service, path, interface, member),
                 "cannot ask logind");
    sdbus::MessagePtr owned(message);
    sdbus::check(sd_bus_message_set_auto_start(message, 0), "cannot ask logind"); // we only listen
    return owned;
}

sdbus::SlotPtr send_call(sd_bus* bus, sd_bus_message* call, sd_bus_message_handler_t reply, void* userdata) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_call_async(bus, &slot, call, reply, userdata, /* usec= */ 0), "cannot ask logind");
    return sdbus::SlotPtr(slot);
}

/// Exceptions stop here. The message goes on to other handlers.
template <typename Work>
int guarded(Work work) noexcept {
    try {
        work();
    } catch (const std::exception& error) {
        log::error(std::string("cannot follow the login session: ") + error.what());
    }
    return 0;
}

} // namespace

LogindWatch::LogindWatch(sdbus::EventLoop& loop, core::SessionEvents& events)
    : loop_(loop), events_(events), system_bus_(loop, *this) {
    miss_logind();
    system_bus_.open();
}

LogindWatch::~LogindWatch() {
    if (absence_timer_)
        loop_.cancel_timer(*absence_timer_);
}

template <void (LogindWatch::*handle)(sd_bus_message*)>
int LogindWatch::forward(sd_bus_message* message, void* userdata, sd_bus_error*) noexcept {
    return guarded([&] { (static_cast<LogindWatch*>(userdata)->*handle)(message); });
}

void LogindWatch::on_bus_opened(sd_bus* bus) {
    bus_ = bus;
    // The bus takes these in order, so that nothing is missed between the signals and the list.
    match(owner_rule, forward<&LogindWatch::on_owner_changed>);
    match(manager_rule, forward<&LogindWatch::on_manager_signal>);
    match(session_rule, forward<&LogindWatch::on_session_signal>);
    list_sessions();
    take_inhibitor();
}

void LogindWatch::on_bus_lost() {
    matches_.clear();
    listing_.reset();
    inhibiting_.reset();
    for (auto& [path, session] : sessions_)
        session.query.reset();
    bus_ = nullptr;
    miss_logind();
}

void LogindWatch::match(const char* rule, sd_bus_message_handler_t handler) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_add_match_async(bus_, &slot, rule, handler, nullptr, this),
                 "cannot listen to logind");
    matches_.emplace_back(slot);
}

void LogindWatch::miss_logind() {
    if (absence_timer_ || absence_logged_)
        return;
    absence_timer_ = loop_.call_after(patience, [this] {
        absence_timer_.reset();
        absence_logged_ = true;
        log::notice(
            "systemd-logind cannot be reached: logins on cards do not end when the computer sleeps, and "
            "when the screen is locked only if the screen saver tells");
    });
}

void LogindWatch::find_logind() {
    if (absence_timer_)
        loop_.cancel_timer(*absence_timer_);
    absence_timer_.reset();
    if (std::exchange(absence_logged_, false))
        log::notice("systemd-logind can be reached");
}

void LogindWatch::on_owner_changed(sd_bus_message* signal) {
    const char* name = nullptr;
    const char* old_owner = nullptr;
    const char* new_owner = nullptr;
    require(sd_bus_message_read(signal, "sss", &name, &old_owner, &new_owner));
    if (std::string_view(new_owner).empty()) {
        miss_logind();
        return;
    }
    // Sessions outlive a restart of logind, so what is known of them is kept to compare with.
    list_sessions();
    take_inhibitor();
}

void LogindWatch::list_sessions() {
    const sdbus::MessagePtr call = new_call(bus_, manager_path, manager_interface, "ListSessions");
    listing_ = send_call(bus_, call.get(), forward<&LogindWatch::on_sessions>, this);
}

void LogindWatch::on_sessions(sd_bus_message* reply) {
    if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
        log::debug(std::string("logind does not list sessions: ") + error->name);
        return;
    }
    find_logind();
    std::set<std::string> listed;
    const char* id = nullptr;
    const char* user = nullptr;
    const char* seat = nullptr;
    const char* path = nullptr;
    std::uint32_t uid = 0;
    require(sd_bus_message_enter_container(reply, 'a', "(susso)"));
    while (sd_bus_message_read(reply, "(susso)", &id, &uid, &user, &seat, &path) > 0)
        if (uid == ::getuid())
            listed.insert(path);
    std::erase_if(sessions_, [&](const auto& entry) { return !listed.contains(entry.first); });
    for (const std::string& session : listed)
        query_session(session, sessions_.try_emplace(session, *this).first->second);
}

void LogindWatch::query_session(const std::string& path, Session& session) {
    const sdbus::MessagePtr call = new_call(bus_, path.c_str(), properties_interface, "GetAll");
    sdbus::check(sd_bus_message_append(call.get(), "s", session_interface), "cannot ask logind");
    session.query = send_call(bus_, call.get(), on_session_state, &session);
}

int LogindWatch::on_session_state(sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept {
    auto* session = static_cast<Session*>(userdata);
    return guarded([&] {
        if (sd_bus_message_is_method_error(reply, nullptr) == 0) // else it has just ended
            session->watch.read_state(*session, reply);
    });
}

void LogindWatch::on_session_signal(sd_bus_message* signal) {
    const auto found = sessions_.find(sd_bus_message_get_path(signal));
    if (found == sessions_.end())
        return; // somebody else's
    if (sd_bus_message_is_signal(signal, session_interface, "Lock") > 0) {
        events_.on_locked();
    } else if (sd_bus_message_is_signal(signal, properties_interface, "PropertiesChanged") > 0) {
        const char* interface = nullptr;
        require(sd_bus_message_read(signal, "s", &interface));
        if (std::string_view(interface) == session_interface)
            read_state(found->second, signal);
    }
}

/// Reads an a{sv} and tells what has changed.
void LogindWatch::read_state(Session& session, sd_bus_message* properties) {
    const bool was_active = session.active;
    const bool was_locked = session.locked;
    require(sd_bus_message_enter_container(properties, 'a', "{sv}"));
    while (sd_bus_message_enter_container(properties, 'e', "sv") > 0) {
        const char* name = nullptr;
        require(sd_bus_message_read(properties, "s", &name));
        const std::string_view property(name);
        if (property == "Active" || property == "LockedHint") {
            int value = 0;
            require(sd_bus_message_read(properties, "v", "b", &value));
            (property == "Active" ? session.active : session.locked) = value != 0;
        } else {
            require(sd_bus_message_skip(properties, "v"));
        }
        require(sd_bus_message_exit_container(properties));
    }
    if (session.locked && !was_locked)
        events_.on_locked();
    if (session.active && !was_active)
        events_.on_active();
}

void LogindWatch::on_manager_signal(sd_bus_message* signal) {
    if (sd_bus_message_is_signal(signal, manager_interface, "PrepareForSleep") > 0) {
        int begins = 0;
        require(sd_bus_message_read(signal, "b", &begins));
        on_sleep(begins != 0);
    } else if (sd_bus_message_is_signal(signal, manager_interface, "SessionNew") > 0 ||
               sd_bus_message_is_signal(signal, manager_interface, "SessionRemoved") > 0) {
        list_sessions();
    }
}

void LogindWatch::take_inhibitor() {
    const sdbus::MessagePtr call = new_call(bus_, manager_path, manager_interface, "Inhibit");
    sdbus::check(sd_bus_message_append(call.get(), "ssss", "sleep", "DigiSign",
                                       "Logins on smart cards are ended first", "delay"),
                 "cannot ask logind");
    inhibiting_ = send_call(bus_, call.get(), forward<&LogindWatch::on_inhibitor>, this);
}

void LogindWatch::on_inhibitor(sd_bus_message* reply) {
    if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
        const bool refused = sd_bus_error_has_names(error, SD_BUS_ERROR_ACCESS_DENIED,
                                                    SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) > 0;
        log::write(refused ? log::Level::Warning : log::Level::Debug,
                   std::string("logind does not wait for logins on cards to end before sleep: ") +
                       error->message);
        return;
    }
    int fd = -1;
    require(sd_bus_message_read(reply, "h", &fd));
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3); // the message keeps its own
    if (copy < 0)
        throw error_from_errno(errno, "cannot keep logind's inhibitor lock");
    inhibitor_ = std::make_shared<UniqueFd>(copy);
}

void LogindWatch::on_sleep(bool begins) {
    if (!begins) {
        take_inhibitor();
        return;
    }
    // A lock serves for one sleep. From here on it belongs to the two who may end the delay.
    const auto lock = inhibitor_ ? std::exchange(inhibitor_, nullptr) : std::make_shared<UniqueFd>();
    loop_.call_after(longest_delay, [lock] { lock->reset(); });
    events_.on_suspending([lock] { lock->reset(); });
}

} // namespace digisign::bus
