// SPDX-License-Identifier: LGPL-2.1-or-later
// A card as the reader sees it: contacts, an answer to reset and APDUs.

#pragma once

#include "common/bytes.hpp"

#include <optional>

namespace digisign::virtual_card {

class Card {
public:
    virtual ~Card() = default;

    virtual Bytes atr() const = 0;

    /// Power or the reset line: everything volatile is forgotten.
    virtual void reset() = 0;

    /// The answer, or nothing from a card that does not answer.
    virtual std::optional<Bytes> transmit(ByteView apdu) = 0;
};

} // namespace digisign::virtual_card
