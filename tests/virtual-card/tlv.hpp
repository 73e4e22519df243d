// SPDX-License-Identifier: LGPL-2.1-or-later
// Small writer for BER-TLV and DER, and the look-up the card needs for its command data.

#pragma once

#include "common/bytes.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace digisign::virtual_card {

/// One data object; the tag is written as given (0x30, 0xDF21), the length in its shortest form.
Bytes tlv(unsigned tag, ByteView value);
Bytes tlv(unsigned tag, std::initializer_list<Bytes> parts);

Bytes concatenate(std::initializer_list<Bytes> parts);

Bytes der_sequence(std::initializer_list<Bytes> parts);
Bytes der_integer(unsigned value);
Bytes der_boolean(bool value);
Bytes der_enumerated(unsigned value);
Bytes der_octets(ByteView value);
Bytes der_utf8(std::string_view text);
Bytes der_printable(std::string_view text);
Bytes der_null();
/// Named bits of a BIT STRING, bit 0 being the first one; unused trailing bits are dropped as DER demands.
Bytes der_bits(const std::vector<unsigned>& bits);
/// From dotted text; every arc below 2^32.
Bytes der_oid(std::string_view dotted);

/// Value of the first data object with this one-octet tag in a flat list; empty if absent or the list is
/// malformed. Lengths up to FF (81 xx) are understood, which is all a short APDU can carry.
std::optional<ByteView> find_tlv(ByteView list, std::uint8_t tag);

} // namespace digisign::virtual_card
