// SPDX-License-Identifier: LGPL-2.1-or-later
// A command to the card (ISO 7816-4 section 5.2) and its encodings: short, extended, chained.

#pragma once

#include "common/bytes.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace digisign::iso7816 {

struct CommandApdu {
    /// Largest Nc and Ne of the short form.
    static constexpr std::size_t short_data_max = 255;
    static constexpr std::size_t short_le_max = 256;
    static constexpr std::size_t extended_data_max = 65535;
    static constexpr std::size_t extended_le_max = 65536;

    /// Bit 5 of an interindustry class byte: not the last command of a chain.
    static constexpr std::uint8_t chaining_bit = 0x10;

    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;
    /// Ne, the number of bytes expected: absent is no Le field, 256 (65536 in the extended form) is an Le
    /// field of zeros. Zero has no encoding.
    std::optional<std::size_t> le;

    bool operator==(const CommandApdu&) const = default;

    std::array<std::uint8_t, 4> header() const { return {cla, ins, p1, p2}; }

    bool fits_short_form() const { return data.size() <= short_data_max && le.value_or(1) <= short_le_max; }

    /// The bytes for the wire: short form where it fits, else extended. Throws Error(Internal) for what has
    /// no encoding.
    Bytes encode() const;

    /// The commands of the chain (section 5.3.3) that carries the same data in pieces of at most `piece`
    /// bytes; only the last one expects an answer. One element if it fits.
    std::vector<CommandApdu> chain(std::size_t piece = short_data_max) const;
};

} // namespace digisign::iso7816
