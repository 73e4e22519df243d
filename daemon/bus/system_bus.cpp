// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/system_bus.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace digisign::bus {

namespace {

constexpr std::chrono::seconds first_retry{1};
constexpr std::chrono::seconds last_retry{60};

/// D-Bus specification, "Well-known Message Bus Instances".
const char* bus_address() {
    const char* const address = ::secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    return address != nullptr ? address : "unix:path=/run/dbus/system_bus_socket";
}

sdbus::SlotPtr match_local(sd_bus* bus, const char* member, sd_bus_message_handler_t handler,
                           void* userdata) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_match_signal(bus, &slot, nullptr, "/org/freedesktop/DBus/Local",
                                     "org.freedesktop.DBus.Local", member, handler, userdata),
                 "cannot watch the system bus");
    return sdbus::SlotPtr(slot);
}

} // namespace

SystemBus::~SystemBus() {
    if (retry_)
        loop_.cancel_timer(*retry_);
}

void SystemBus::open() {
    retry_.reset();
    try {
        connect();
        user_.on_bus_opened(bus_.get());
    } catch (const Error& error) {
        log::debug(error.what());
        user_.on_bus_lost();
        disconnected_slot_.reset();
        bus_.reset();
        retry_later();
    }
}

/// As sd_bus_open_system() does, but with a word when the connection is up. (sd_bus_set_watch_bind() would
/// save the timer where there is no socket yet; in libsystemd 252 such a connection may never be polled.)
void SystemBus::connect() {
    constexpr std::string_view doing = "cannot connect to the system bus";
    sd_bus* bus = nullptr;
    sdbus::check(sd_bus_new(&bus), doing);
    bus_.reset(bus);
    sdbus::check(sd_bus_set_description(bus, "system"), doing);
    sdbus::check(sd_bus_set_address(bus, bus_address()), doing);
    sdbus::check(sd_bus_set_bus_client(bus, 1), doing);
    sdbus::check(sd_bus_set_connected_signal(bus, 1), doing);
    connected_slot_ = match_local(bus, "Connected", on_connected, this);
    disconnected_slot_ = match_local(bus, "Disconnected", on_disconnected, this);
    sdbus::check(sd_bus_attach_event(bus, loop_.handle(), SD_EVENT_PRIORITY_NORMAL), doing);
    sdbus::check(sd_bus_start(bus), doing);
}

int SystemBus::on_connected(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
    static_cast<SystemBus*>(userdata)->retry_delay_ = first_retry;
    return 0;
}

int SystemBus::on_disconnected(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
    auto* self = static_cast<SystemBus*>(userdata);
    self->user_.on_bus_lost();
    self->retry_later();
    return 0;
}

/// The broken connection is kept until then: we may be in a callback of it.
void SystemBus::retry_later() {
    retry_ = loop_.call_after(retry_delay_, [this] { open(); });
    retry_delay_ = std::min(2 * retry_delay_, last_retry);
}

} // namespace digisign::bus
