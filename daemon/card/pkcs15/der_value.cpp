// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/der_value.hpp"

#include "common/utf8.hpp"

namespace digisign::card::pkcs15 {

std::optional<std::int64_t> to_integer(ByteView value) {
    if (value.empty() || value.size() > sizeof(std::int64_t))
        return std::nullopt;
    std::uint64_t number = (value[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const std::uint8_t byte : value)
        number = number << 8 | byte;
    return static_cast<std::int64_t>(number);
}

std::optional<std::size_t> to_size(ByteView value) {
    const auto number = to_integer(value);
    if (!number || *number < 0 || *number > 0xFFFF)
        return std::nullopt;
    return static_cast<std::size_t>(*number);
}

std::optional<std::uint8_t> to_reference(ByteView value) {
    auto number = to_integer(value);
    if (number && *number < 0)
        *number += 256;
    if (!number || *number < 0 || *number > 0xFF)
        return std::nullopt;
    return static_cast<std::uint8_t>(*number);
}

bool to_boolean(ByteView value) {
    return !value.empty() && value[0] != 0;
}

BitString::BitString(ByteView value) {
    if (!value.empty()) // the first byte counts unused bits, which DER sets to zero
        bits_ = to_bytes(value.subspan(1));
}

bool BitString::bit(std::size_t number) const {
    const std::size_t index = number / 8;
    return index < bits_.size() && (bits_[index] & 0x80 >> number % 8) != 0;
}

std::string to_text(ByteView value) {
    while (!value.empty() && (value.back() == 0 || value.back() == ' '))
        value = value.first(value.size() - 1);
    return printable_utf8(value);
}

} // namespace digisign::card::pkcs15
