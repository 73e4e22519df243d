// SPDX-License-Identifier: LGPL-2.1-or-later
// BER-TLV data objects (ISO 7816-4 section 6.3, X.690), mostly the reading of them. The reader never reads
// past its input, never recurses: the caller walks nested objects by making a reader over a value.

#pragma once

#include "common/bytes.hpp"

#include <cstdint>
#include <optional>

namespace digisign::iso7816 {

struct Tlv {
    /// All tag bytes, most significant first: 0x30, 0x7F49, 0xDF2F.
    std::uint32_t tag = 0;
    ByteView value;
    /// Tag, length and value together.
    ByteView encoded;

    /// Bit 6 of the first tag byte: the value is itself a sequence of data objects.
    bool constructed() const { return (encoded.front() & 0x20) != 0; }
};

/// Gives the data objects of its input one after the other. The views it returns point into the input.
class TlvReader {
public:
    explicit TlvReader(ByteView input) : rest_(input) {}

    /// The next object; empty at the end of the input, at padding (a tag byte of 00 or FF, as cards fill
    /// their files) and at what is not a data object, see damaged().
    std::optional<Tlv> next();

    /// The next object if it has this tag; else empty, and the reader stays where it is.
    std::optional<Tlv> next_if(std::uint32_t tag);

    /// next() stopped at bytes that are neither padding nor a whole data object. Also true for an indefinite
    /// length, which ISO 7816-4 does not allow.
    bool damaged() const { return damaged_; }

    /// Nothing left, or only padding or damage.
    bool at_end() const;

private:
    ByteView rest_;
    bool damaged_ = false;
};

/// The first object with this tag among the objects of `content`, not looking inside them.
std::optional<Tlv> find_tlv(ByteView content, std::uint32_t tag);

/// A data object with a tag of one byte and the shortest form of its length. Throws Error(Internal) for a
/// value longer than a command can be.
Bytes encode_tlv(std::uint8_t tag, ByteView value);

} // namespace digisign::iso7816
