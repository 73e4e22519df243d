// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/bus_identification.hpp"

#include "common/log.hpp"

#include <fcntl.h>

#include <string_view>
#include <utility>

namespace digisign::bus {

namespace {

/// Of GetConnectionCredentials in the D-Bus specification. ProcessFD came with dbus 1.15.8 and
/// dbus-broker 34.
Peer read_credentials(sd_bus_message* reply) {
    constexpr std::string_view doing = "cannot read what the bus knows of a program";
    Peer peer;
    sdbus::check(sd_bus_message_enter_container(reply, 'a', "{sv}"), doing);
    while (sdbus::check(sd_bus_message_enter_container(reply, 'e', "sv"), doing) > 0) {
        const char* name = nullptr;
        sdbus::check(sd_bus_message_read(reply, "s", &name), doing);
        if (std::string_view(name) == "ProcessID") {
            sdbus::check(sd_bus_message_read(reply, "v", "u", &peer.pid), doing);
        } else if (std::string_view(name) == "ProcessFD") {
            int pidfd = -1;
            sdbus::check(sd_bus_message_read(reply, "v", "h", &pidfd), doing);
            peer.pidfd.reset(::fcntl(pidfd, F_DUPFD_CLOEXEC, 3)); // the message keeps its own
        } else {
            sdbus::check(sd_bus_message_skip(reply, "v"), doing);
        }
        sdbus::check(sd_bus_message_exit_container(reply), doing);
    }
    return peer;
}

} // namespace

BusIdentification::BusIdentification(sd_bus* bus, std::string name,
                                     std::function<void(core::Requester)> known)
    : bus_(bus), name_(std::move(name)), known_(std::move(known)) {
    ask("GetConnectionCredentials", forward<&BusIdentification::on_credentials>);
}

template <void (BusIdentification::*handle)(sd_bus_message*)>
int BusIdentification::forward(sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept {
    auto* self = static_cast<BusIdentification*>(userdata);
    try {
        (self->*handle)(reply);
    } catch (const std::exception& error) {
        log::error(std::string("cannot tell who a caller is: ") + error.what());
    }
    return 1;
}

void BusIdentification::ask(const char* member, sd_bus_message_handler_t handler) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_call_method_async(bus_, &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                          "org.freedesktop.DBus", member, handler, this, "s", name_.c_str()),
                 "cannot ask the bus who the caller is");
    asking_.reset(slot);
}

void BusIdentification::on_credentials(sd_bus_message* reply) {
    if (sd_bus_message_is_method_error(reply, nullptr) == 0) { // else it has left the bus
        try {
            peer_ = read_credentials(reply);
        } catch (const Error& error) {
            log::error(error.what());
        }
    }
    if (peer_.pid == 0 || peer_.pidfd) {
        finish();
        return;
    }
    // Between the bus' answer and our look the process may have ended and its number been given to another
    // one. If the connection still is there after we have hold of a process, it is the right one.
    peer_ = peer_by_number(peer_.pid, boot_time());
    ask("GetConnectionUnixProcessID", forward<&BusIdentification::on_process_id>);
}

void BusIdentification::on_process_id(sd_bus_message* reply) {
    std::uint32_t pid = 0;
    if (sd_bus_message_is_method_error(reply, nullptr) != 0 || sd_bus_message_read(reply, "u", &pid) < 0 ||
        pid != peer_.pid)
        peer_.pidfd.reset();
    finish();
}

void BusIdentification::finish() {
    const auto known = std::move(known_); // may destroy this object
    known(describe_process(peer_));
}

} // namespace digisign::bus
