// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sdbus/private_socket.hpp"

#include "common/error.hpp"
#include "common/unique_fd.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace digisign::sdbus {

namespace {

[[noreturn]] void throw_unavailable(int error_number) {
    throw Error(ErrorCode::ServiceUnavailable, "cannot connect to the private socket of digisignd: " +
                                                   std::generic_category().message(error_number));
}

void require_own_peer(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        throw_unavailable(errno);
    if (peer.uid != ::getuid())
        throw Error(ErrorCode::ServiceUnavailable, "the private socket of digisignd belongs to another user");
}

/// Connected, and does not block.
UniqueFd connect_to(const std::string& path, std::chrono::milliseconds timeout) {
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
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timeval limit{.tv_sec = seconds.count(),
                        .tv_usec = std::chrono::microseconds(timeout - seconds).count()};
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit,
                       sizeof limit); // cannot fail for these values
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw_unavailable(errno);
    if (::fcntl(fd.get(), F_SETFL, O_RDWR | O_NONBLOCK) != 0)
        throw_unavailable(errno);
    require_own_peer(fd.get());
    return fd;
}

} // namespace

BusPtr connect_private_socket(const std::string& path, std::chrono::milliseconds timeout) {
    UniqueFd fd = connect_to(path, timeout);
    sd_bus* raw = nullptr;
    int result = ::sd_bus_new(&raw);
    BusPtr bus(raw);
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

} // namespace digisign::sdbus
