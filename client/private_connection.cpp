// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/connection.hpp"

#include "common/runtime_dir.hpp"
#include "sdbus/private_socket.hpp"

#include <system_error>

namespace digisign::client {

namespace {

constexpr char peer_name[] = "the private socket of digisignd";

[[noreturn]] void throw_unavailable(int error_number) {
    throw Error(ErrorCode::ServiceUnavailable, std::string("cannot connect to ") + peer_name + ": " +
                                                   std::generic_category().message(error_number));
}

sdbus::BusPtr start_on(UniqueFd fd) {
    sd_bus* raw = nullptr;
    int result = ::sd_bus_new(&raw);
    sdbus::BusPtr bus(raw);
    if (result >= 0)
        result = ::sd_bus_set_fd(bus.get(), fd.get(), fd.get());
    if (result >= 0) {
        (void)fd.release(); // sd-bus closes it from here on
        result = ::sd_bus_start(bus.get());
    }
    if (result < 0)
        throw_unavailable(-result);
    return bus;
}

} // namespace

PrivateConnection::PrivateConnection(PollLoop& loop) : Connection(loop) {
    attach(start_on(sdbus::connect_private_socket(private_socket_path(), connect_timeout)), peer_name);
}

} // namespace digisign::client
