// SPDX-License-Identifier: LGPL-2.1-or-later
// A command whose PINs are typed on the reader's keys: the reader fills them in and sends it (PC/SC part 10).

#pragma once

#include "common/bytes.hpp"
#include "daemon/iso7816/sensitive_apdu.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace digisign::iso7816 {

/// How many digits a person may type.
struct PinLengths {
    std::size_t min = 0;
    std::size_t max = 0;

    bool operator==(const PinLengths&) const = default;
};

/// Holds no secret. The commands are those of SensitiveApdu, and so are the names.
class PinPadCommand {
public:
    static PinPadCommand verify(std::uint8_t reference, const PinBlockFormat& format, PinLengths lengths);

    /// The reader asks for the old value and twice for the new one, all within `lengths`.
    static PinPadCommand change_reference_data(std::uint8_t reference, const PinBlockFormat& format,
                                               PinLengths lengths);

    /// The reader asks for the unblocking code, which is laid out as the PIN, and twice for the new value.
    static PinPadCommand reset_retry_counter(std::uint8_t reference, const PinBlockFormat& format,
                                             PinLengths lengths);

    /// How long the reader waits for all of it to be typed.
    std::chrono::seconds timeout{60};

    std::array<std::uint8_t, 4> header() const { return header_; }
    PinLengths lengths() const { return lengths_; }

    /// Whether a new value is asked for as well.
    bool sets_pin() const { return values_ == 2; }

    /// Length of each value in the command; 0 where each is as long as it is typed.
    std::size_t block_length() const;

    /// The command with filler in the place of the values. Where these are as long as they are typed it is
    /// the header alone, and the reader makes Lc.
    Bytes filled() const;

private:
    PinPadCommand(std::uint8_t ins, std::uint8_t reference, std::size_t values, const PinBlockFormat& format,
                  PinLengths lengths)
        : header_{0x00, ins, 0x00, reference}, values_(values), format_(format), lengths_(lengths) {}

    std::array<std::uint8_t, 4> header_;
    std::size_t values_;
    PinBlockFormat format_;
    PinLengths lengths_;
};

} // namespace digisign::iso7816
