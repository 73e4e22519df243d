// SPDX-License-Identifier: LGPL-2.1-or-later
// The reader's opening for a card: the other end of vpcd_connection, whose header describes the protocol.

#pragma once

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"

#include <cstdint>
#include <optional>

namespace digisign::pin_pad_reader {

class CardSlot {
public:
    /// Listens on the loopback address; throws Error where the port is taken.
    explicit CardSlot(std::uint16_t port);

    /// Looks whether a card was put in or pulled.
    bool has_card();

    /// The answer to reset, which is empty for a mute card; nothing without a card.
    std::optional<Bytes> power_up();
    std::optional<Bytes> reset();
    void power_down();

    /// Waits for the answer as long as the card is there; nothing without a card.
    std::optional<Bytes> transmit(ByteView apdu);

    /// Becomes readable when the card is pulled; -1 without a card.
    int fd() const { return card_.get(); }

private:
    bool send(ByteView body);
    std::optional<Bytes> receive();
    bool receive_exactly(std::span<std::uint8_t> target);
    std::optional<Bytes> answer_to_reset(std::uint8_t control);

    UniqueFd listener_;
    UniqueFd card_;
};

} // namespace digisign::pin_pad_reader
