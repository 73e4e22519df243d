// SPDX-License-Identifier: LGPL-2.1-or-later
// A command that holds a PIN. The only type of command that can, and the only one that cannot be copied or
// printed.

#pragma once

#include "common/pin_value.hpp"
#include "common/secure_buffer.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace digisign::iso7816 {

/// How a PIN is laid out in the command: left-justified ASCII, filled with `pad_byte` up to `stored_length`;
/// as typed where no length is given.
struct PinBlockFormat {
    std::size_t stored_length = 0;
    std::optional<std::uint8_t> pad_byte;

    bool operator==(const PinBlockFormat&) const = default;
};

class SensitiveApdu {
public:
    /// VERIFY, ISO 7816-4 section 11.5.6.
    static SensitiveApdu verify(std::uint8_t reference, const PinValue& pin, const PinBlockFormat& format);

    /// CHANGE REFERENCE DATA with the old and the new value, section 11.5.7.
    static SensitiveApdu change_reference_data(std::uint8_t reference, const PinValue& old_pin,
                                               const PinValue& new_pin, const PinBlockFormat& format);

    /// RESET RETRY COUNTER with the unblocking code and the new value, section 11.5.10. `reference` names the
    /// PIN to unblock, not the PUK, which may be laid out in a way of its own.
    static SensitiveApdu reset_retry_counter(std::uint8_t reference, const PinValue& puk,
                                             const PinBlockFormat& puk_format, const PinValue& new_pin,
                                             const PinBlockFormat& format);

    /// CLA INS P1 P2, for a trace.
    std::array<std::uint8_t, 4> header() const { return header_; }

    /// The whole command, short form without Le. For the channel; it must wipe what copies it makes.
    std::span<const std::uint8_t> secret() const { return buffer_.view(); }

private:
    SensitiveApdu(std::uint8_t ins, std::uint8_t reference);

    /// Throws Error(Internal) if the PIN does not fit `format`: pin_policy checks that before.
    void append_block(const PinValue& pin, const PinBlockFormat& format);

    std::array<std::uint8_t, 4> header_;
    SecureBuffer buffer_;
};

} // namespace digisign::iso7816
