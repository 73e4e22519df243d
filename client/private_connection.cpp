// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/connection.hpp"

#include "common/runtime_dir.hpp"
#include "common/unique_fd.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace digisign::client {

namespace {

constexpr char peer_name[] = "the private socket of digisignd";

[[noreturn]] void throw_unavailable(int error_number) {
    throw Error(ErrorCode::ServiceUnavailable, std::string("cannot connect to ") + peer_name + ": " +
                                                   std::generic_category().message(error_number));
}

UniqueFd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw_unavailable(ENAMETOOLONG);
    std::memcpy(address.sun_path, path.data(), path.size());

    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd)
        throw_unavailable(errno);
    // connect() blocks while the listener's backlog is full, and SO_SNDTIMEO limits that; see unix(7),
    // socket(7).
    const timeval timeout{.tv_sec = connect_timeout.count(), .tv_usec = 0};
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout,
                       sizeof timeout); // cannot fail for these values
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw_unavailable(errno);
    if (::fcntl(fd.get(), F_SETFL, O_RDWR | O_NONBLOCK) != 0)
        throw_unavailable(errno);
    return fd;
}

/// Whoever could make a directory under this name before the user's session did must not get a PIN.
void require_own_peer(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        throw_unavailable(errno);
    if (peer.uid != ::getuid())
        throw Error(ErrorCode::ServiceUnavailable, std::string(peer_name) + " belongs to another user");
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
    UniqueFd fd = connect_to(private_socket_path());
    require_own_peer(fd.get());
    attach(start_on(std::move(fd)), peer_name);
}

} // namespace digisign::client
