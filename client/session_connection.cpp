// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/connection.hpp"

#include "common/names.hpp"
#include "common/runtime_dir.hpp"

#include <cstdlib>
#include <system_error>
#include <variant>

namespace digisign::client {

namespace {

constexpr char session_bus[] = "the session bus";

[[noreturn]] void throw_no_session_bus(int result) {
    throw Error(ErrorCode::ServiceUnavailable,
                "cannot connect to the session bus: " + std::generic_category().message(-result));
}

/// The one place left to look when the environment says nothing; UID is digits, so nothing needs escaping.
sdbus::BusPtr open_default_address() {
    sd_bus* raw = nullptr;
    int result = ::sd_bus_new(&raw);
    sdbus::BusPtr bus(raw);
    const std::string address = "unix:path=" + user_runtime_dir() + "/bus";
    if (result >= 0)
        result = ::sd_bus_set_address(bus.get(), address.c_str());
    if (result >= 0)
        result = ::sd_bus_set_bus_client(bus.get(), true);
    if (result >= 0)
        result = ::sd_bus_negotiate_fds(bus.get(), true);
    if (result >= 0)
        result = ::sd_bus_start(bus.get());
    if (result < 0)
        throw_no_session_bus(result);
    return bus;
}

sdbus::BusPtr open_session_bus() {
    if (::secure_getenv("DBUS_SESSION_BUS_ADDRESS") == nullptr &&
        ::secure_getenv("XDG_RUNTIME_DIR") == nullptr)
        return open_default_address();
    sd_bus* raw = nullptr;
    const int result = ::sd_bus_open_user_with_description(&raw, "digisign");
    if (result < 0)
        throw_no_session_bus(result);
    return sdbus::BusPtr(raw);
}

} // namespace

SessionConnection::SessionConnection(PollLoop& loop) : Connection(loop) {
    attach(open_session_bus(), session_bus);
}

std::string start_daemon(Connection& session) {
    Message request =
        session.new_call(names::daemon_bus, names::daemon_root, "org.freedesktop.DBus.Properties", "Get");
    request.append(names::manager_interface);
    request.append("Version");
    Message reply = session.call(request);
    Value version;
    if (!reply.read_variant(version) || !std::holds_alternative<std::string>(version))
        throw Error(ErrorCode::Internal, "digisignd does not tell its version");
    return std::get<std::string>(version);
}

} // namespace digisign::client
