// SPDX-License-Identifier: LGPL-2.1-or-later
// Building data objects for tests.

#pragma once

#include "common/bytes.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string_view>

namespace digisign::fakes {

inline Bytes hex(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes)
        throw std::invalid_argument("not hexadecimal");
    return std::move(*bytes);
}

inline Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts)
        append(all, part);
    return all;
}

/// A one-byte tag, the DER length and the value.
inline Bytes tlv(std::uint8_t tag, ByteView value) {
    Bytes out{tag};
    if (value.size() >= 0x100)
        append(out, Bytes{0x82, static_cast<std::uint8_t>(value.size() >> 8)});
    else if (value.size() >= 0x80)
        out.push_back(0x81);
    out.push_back(static_cast<std::uint8_t>(value.size()));
    append(out, value);
    return out;
}

inline Bytes tlv(std::uint8_t tag, std::initializer_list<Bytes> parts) {
    return tlv(tag, join(parts));
}

inline Bytes utf8(std::string_view text) {
    return tlv(0x0C, as_bytes(text));
}

} // namespace digisign::fakes
