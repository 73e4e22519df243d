// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/card_slot.hpp"

#include "common/error.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace digisign::pin_pad_reader {

namespace {

constexpr std::uint8_t control_power_off = 0;
constexpr std::uint8_t control_power_on = 1;
constexpr std::uint8_t control_reset = 2;
constexpr std::uint8_t control_get_atr = 4;

} // namespace

CardSlot::CardSlot(std::uint16_t port)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    if (!listener_ || ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 1) != 0)
        throw error_from_errno(errno, "cannot listen on port " + std::to_string(port));
}

bool CardSlot::has_card() {
    std::uint8_t octet = 0;
    // An idle card says nothing, so there is either nothing to read or the end.
    if (card_ && ::recv(card_.get(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        card_.reset();
    if (!card_) {
        card_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const int one = 1;
        (void)::setsockopt(card_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); // only costs time
    }
    return static_cast<bool>(card_);
}

std::optional<Bytes> CardSlot::power_up() {
    return answer_to_reset(control_power_on);
}

std::optional<Bytes> CardSlot::reset() {
    return answer_to_reset(control_reset);
}

std::optional<Bytes> CardSlot::answer_to_reset(std::uint8_t control) {
    const bool sent = send(std::array{control}) && send(std::array{control_get_atr});
    return sent ? receive() : std::nullopt;
}

void CardSlot::power_down() {
    (void)send(std::array{control_power_off}); // a card that has gone has no power either
}

std::optional<Bytes> CardSlot::transmit(ByteView apdu) {
    return send(apdu) ? receive() : std::nullopt;
}

bool CardSlot::send(ByteView body) {
    Bytes message{static_cast<std::uint8_t>(body.size() >> 8), static_cast<std::uint8_t>(body.size() & 0xFF)};
    append(message, body);
    return card_ && ::send(card_.get(), message.data(), message.size(), MSG_NOSIGNAL) ==
                        static_cast<ssize_t>(message.size());
}

std::optional<Bytes> CardSlot::receive() {
    std::array<std::uint8_t, 2> length{};
    if (!receive_exactly(length))
        return std::nullopt;
    Bytes body(static_cast<std::size_t>(length[0]) << 8 | length[1]);
    if (!receive_exactly(body))
        return std::nullopt;
    return body;
}

bool CardSlot::receive_exactly(std::span<std::uint8_t> target) {
    while (!target.empty()) {
        const ssize_t got = ::recv(card_.get(), target.data(), target.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            card_.reset();
            return false;
        }
        target = target.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

} // namespace digisign::pin_pad_reader
