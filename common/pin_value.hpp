// SPDX-License-Identifier: LGPL-2.1-or-later
// A PIN or PUK as typed. A type of its own, so that printing, copying or comparing one does not compile.

#pragma once

#include "common/secure_buffer.hpp"

#include <algorithm>

namespace digisign {

class PinValue {
public:
    /// ISO 7816-4 puts no limit on a PIN; 64 bytes is beyond every card known.
    static constexpr std::size_t max_length = 64;

    PinValue() : buffer_(max_length) {}

    /// The characters as typed (ASCII or UTF-8), without padding; throws Error(Internal) beyond max_length.
    void append(std::span<const std::uint8_t> characters) { buffer_.append(characters); }
    void push_back(char character) { buffer_.push_back(static_cast<std::uint8_t>(character)); }
    void pop_back() { buffer_.pop_back(); }
    void wipe() noexcept { buffer_.wipe(); }

    /// For the few uses where one entry goes to the card more than once: a batch the person has agreed to, the
    /// code that activates two PINs, a new PIN while the old one is asked again.
    PinValue duplicate() const {
        PinValue copy;
        copy.append(secret());
        return copy;
    }

    std::size_t length() const { return buffer_.size(); }
    bool empty() const { return buffer_.empty(); }
    bool only_digits() const {
        return std::ranges::all_of(buffer_.view(), [](std::uint8_t c) { return c >= '0' && c <= '9'; });
    }

    /// For the code that builds the VERIFY block or writes the private socket; nobody else looks inside.
    std::span<const std::uint8_t> secret() const { return buffer_.view(); }

private:
    SecureBuffer buffer_;
};

} // namespace digisign
