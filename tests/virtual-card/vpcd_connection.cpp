// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/vpcd_connection.hpp"

#include "common/error.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace digisign::virtual_card {

namespace {

constexpr std::chrono::milliseconds retry_interval{100};

constexpr std::uint8_t control_get_atr = 4;

sockaddr_in socket_address(const VpcdConnection::Address& address) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(address.port);
    if (::inet_pton(AF_INET, address.host.c_str(), &result.sin_addr) != 1)
        throw Error(ErrorCode::InvalidArgument, address.host + " is not an IPv4 address");
    return result;
}

/// A TCP socket that looks for a free port on this very machine may meet itself (simultaneous open).
bool connected_to_itself(int fd) {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t own_length = sizeof own;
    socklen_t peer_length = sizeof peer;
    return ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_length) == 0 &&
           ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_length) == 0 &&
           own.sin_port == peer.sin_port && own.sin_addr.s_addr == peer.sin_addr.s_addr;
}

} // namespace

VpcdConnection::VpcdConnection(EventLoop& loop, Address address, Listener& listener)
    : loop_(loop), address_(std::move(address)), listener_(listener) {}

void VpcdConnection::open() {
    if (wanted_)
        return;
    wanted_ = true;
    start_looking();
}

void VpcdConnection::close() {
    wanted_ = false;
    drop();
}

void VpcdConnection::start_looking() {
    give_up_at_ = std::chrono::steady_clock::now() + address_.retry_for;
    connect();
}

void VpcdConnection::connect() {
    retry_.reset();
    const sockaddr_in target = socket_address(address_);
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_)
        throw error_from_errno(errno, "cannot make a socket");
    const int one = 1;
    (void)::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one,
                       sizeof one); // only costs time if it fails
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0)
        on_connect_finished();
    else if (errno == EINPROGRESS)
        watch_ = loop_.watch(socket_.get(), EPOLLOUT, [this] { on_connect_finished(); });
    else
        retry_later();
}

void VpcdConnection::on_connect_finished() {
    watch_.reset();
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0 ||
        connected_to_itself(socket_.get())) {
        retry_later();
        return;
    }
    connected_ = true;
    watch_ = loop_.watch(socket_.get(), EPOLLIN, [this] { on_readable(); });
}

void VpcdConnection::retry_later() {
    watch_.reset();
    socket_.reset();
    if (std::chrono::steady_clock::now() >= give_up_at_) {
        wanted_ = false;
        return;
    }
    retry_ = loop_.after(retry_interval, [this] { connect(); });
}

void VpcdConnection::drop() {
    watch_.reset();
    retry_.reset();
    socket_.reset();
    received_.clear();
    connected_ = false;
    listener_.on_power_changed();
}

void VpcdConnection::on_readable() {
    std::array<std::uint8_t, 4096> buffer{};
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) { // pcscd has gone; it may come back
        drop();
        start_looking();
        return;
    }
    // vpcd sends length and body apart, and Nagle's algorithm holds the body back until the length is
    // acknowledged. The option does not last, see tcp(7).
    const int one = 1;
    (void)::setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &one,
                       sizeof one); // only costs time if it fails
    append(received_, ByteView(buffer).first(static_cast<std::size_t>(got)));
    while (received_.size() >= 2) {
        const std::size_t length = static_cast<std::size_t>(received_[0]) << 8 | received_[1];
        if (received_.size() < 2 + length)
            return;
        const auto body_end = received_.begin() + 2 + static_cast<std::ptrdiff_t>(length);
        Bytes body(received_.begin() + 2, body_end);
        received_.erase(received_.begin(), body_end);
        handle(std::move(body)); // may close the connection
    }
}

void VpcdConnection::handle(Bytes body) {
    if (body.size() != 1)
        listener_.on_apdu(std::move(body));
    else if (body.front() == control_get_atr)
        listener_.on_atr_wanted();
    else
        listener_.on_power_changed();
}

void VpcdConnection::send(ByteView body) {
    Bytes message{static_cast<std::uint8_t>(body.size() >> 8), static_cast<std::uint8_t>(body.size() & 0xFF)};
    append(message, body);
    ByteView left = message;
    while (connected_ && !left.empty()) {
        const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            left = left.subspan(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            pollfd writable{socket_.get(), POLLOUT, 0};
            (void)::poll(&writable, 1, -1); // the reader is waiting for just these octets
        } else if (errno != EINTR) {
            return; // the reader has gone; on_readable() will see it too
        }
    }
}

} // namespace digisign::virtual_card
