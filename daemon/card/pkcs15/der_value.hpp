// SPDX-License-Identifier: LGPL-2.1-or-later
// The ASN.1 types that ISO 7816-15 uses, read leniently from the values of data objects.

#pragma once

#include "common/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace digisign::card::pkcs15 {

/// Universal tags of X.680, as they stand in DER.
namespace tag {
inline constexpr std::uint32_t boolean = 0x01;
inline constexpr std::uint32_t integer = 0x02;
inline constexpr std::uint32_t bit_string = 0x03;
inline constexpr std::uint32_t octet_string = 0x04;
inline constexpr std::uint32_t oid = 0x06;
inline constexpr std::uint32_t enumerated = 0x0A;
inline constexpr std::uint32_t utf8_string = 0x0C;
inline constexpr std::uint32_t printable_string = 0x13;
inline constexpr std::uint32_t generalized_time = 0x18;
inline constexpr std::uint32_t sequence = 0x30;

/// [n] of a simple type, and of a constructed one.
constexpr std::uint32_t context(unsigned number) {
    return 0x80 | number;
}
constexpr std::uint32_t context_constructed(unsigned number) {
    return 0xA0 | number;
}
} // namespace tag

/// Two's complement. Empty beyond eight bytes.
std::optional<std::int64_t> to_integer(ByteView value);

/// An INTEGER that names a length or size; empty if it is negative or over 65535.
std::optional<std::size_t> to_size(ByteView value);

/// A key or PIN reference. Cards encode references above 127 as negative numbers: -126 is 82. Empty outside
/// one byte.
std::optional<std::uint8_t> to_reference(ByteView value);

bool to_boolean(ByteView value);

/// Bit 0 is the most significant bit of the first byte, X.690 section 8.6.
class BitString {
public:
    BitString() = default;
    explicit BitString(ByteView value);

    bool bit(std::size_t number) const;

private:
    Bytes bits_;
};

/// Made printable; blanks and zero bytes at the end, with which cards fill fixed fields, cut off.
std::string to_text(ByteView value);

} // namespace digisign::card::pkcs15
