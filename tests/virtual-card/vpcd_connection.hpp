// SPDX-License-Identifier: LGPL-2.1-or-later
// The card's plug: a connection to vpcd, the virtual reader driver of the vsmartcard project.
//
// Every message is a length in two octets, big-endian, and a body. One-octet bodies from the reader are power
// off (0), power on (1), reset (2), which get no answer, and "answer to reset, please" (4); all others are
// APDUs. Being connected means that the card is inserted.

#pragma once

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"
#include "tests/virtual-card/event_loop.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace digisign::virtual_card {

class VpcdConnection {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void on_power_changed() = 0; ///< off, on, reset, or the plug was pulled
        virtual void on_atr_wanted() = 0;
        virtual void on_apdu(Bytes apdu) = 0;
    };

    struct Address {
        std::string host; ///< numeric IPv4
        std::uint16_t port = 0;
        std::chrono::seconds retry_for{}; ///< how long to look for a reader that is not there
    };

    VpcdConnection(EventLoop& loop, Address address, Listener& listener);

    /// Connects, now or as soon as there is a reader; and again when the reader goes away, until close().
    void open();
    void close();

    /// False once close() was called or no reader was found for the time given.
    bool wanted() const { return wanted_; }
    bool connected() const { return connected_; }

    void send(ByteView body);

private:
    void start_looking();
    void connect();
    void on_connect_finished();
    void retry_later();
    void on_readable();
    void handle(Bytes body);
    void drop();

    EventLoop& loop_;
    Address address_;
    Listener& listener_;
    bool wanted_ = false;
    bool connected_ = false;
    std::chrono::steady_clock::time_point give_up_at_;
    UniqueFd socket_;
    Bytes received_;
    EventLoop::SourcePtr watch_;
    EventLoop::SourcePtr retry_;
};

} // namespace digisign::virtual_card
