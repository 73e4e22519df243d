// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/tlv.hpp"

#include <algorithm>
#include <charconv>

namespace digisign::virtual_card {

namespace {

std::uint8_t low_octet(std::size_t value) {
    return static_cast<std::uint8_t>(value & 0xFF);
}

/// Big-endian without leading zero octets, at least one octet.
Bytes minimal_octets(std::size_t value) {
    Bytes octets;
    do {
        octets.insert(octets.begin(), low_octet(value));
        value >>= 8;
    } while (value != 0);
    return octets;
}

std::vector<unsigned long> oid_arcs(std::string_view dotted) {
    std::vector<unsigned long> arcs;
    const char* at = dotted.data();
    const char* const end = at + dotted.size();
    while (at != end) {
        unsigned long arc = 0;
        const auto [next, error] = std::from_chars(at, end, arc);
        if (error != std::errc{})
            return {};
        arcs.push_back(arc);
        at = next != end ? next + 1 : end;
    }
    return arcs;
}

void append_base128(Bytes& target, unsigned long arc) {
    Bytes digits{static_cast<std::uint8_t>(arc & 0x7F)};
    while ((arc >>= 7) != 0)
        digits.insert(digits.begin(), static_cast<std::uint8_t>(0x80 | (arc & 0x7F)));
    append(target, digits);
}

} // namespace

Bytes tlv(unsigned tag, ByteView value) {
    Bytes object = minimal_octets(tag);
    if (value.size() < 0x80) {
        object.push_back(low_octet(value.size()));
    } else {
        const Bytes length = minimal_octets(value.size());
        object.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
        append(object, length);
    }
    append(object, value);
    return object;
}

Bytes tlv(unsigned tag, std::initializer_list<Bytes> parts) {
    return tlv(tag, concatenate(parts));
}

Bytes concatenate(std::initializer_list<Bytes> parts) {
    Bytes whole;
    for (const Bytes& part : parts)
        append(whole, part);
    return whole;
}

Bytes der_sequence(std::initializer_list<Bytes> parts) {
    return tlv(0x30, parts);
}

Bytes der_integer(unsigned value) {
    Bytes octets = minimal_octets(value);
    if ((octets.front() & 0x80) != 0)
        octets.insert(octets.begin(), 0x00);
    return tlv(0x02, octets);
}

Bytes der_boolean(bool value) {
    return {0x01, 0x01, static_cast<std::uint8_t>(value ? 0xFF : 0x00)};
}

Bytes der_enumerated(unsigned value) {
    return tlv(0x0A, minimal_octets(value));
}

Bytes der_octets(ByteView value) {
    return tlv(0x04, value);
}

Bytes der_utf8(std::string_view text) {
    return tlv(0x0C, as_bytes(text));
}

Bytes der_printable(std::string_view text) {
    return tlv(0x13, as_bytes(text));
}

Bytes der_null() {
    return {0x05, 0x00};
}

Bytes der_bits(const std::vector<unsigned>& bits) {
    if (bits.empty())
        return tlv(0x03, Bytes{0x00});
    const unsigned highest = std::ranges::max(bits);
    Bytes content(2 + highest / 8);
    content[0] = low_octet(7 - highest % 8);
    for (const unsigned bit : bits)
        content[1 + bit / 8] = static_cast<std::uint8_t>(content[1 + bit / 8] | 0x80U >> bit % 8);
    return tlv(0x03, content);
}

Bytes der_oid(std::string_view dotted) {
    const std::vector<unsigned long> arcs = oid_arcs(dotted);
    Bytes content;
    append_base128(content, arcs.at(0) * 40 + arcs.at(1)); // ITU-T X.690 §8.19.4
    for (std::size_t i = 2; i < arcs.size(); ++i)
        append_base128(content, arcs[i]);
    return tlv(0x06, content);
}

std::optional<ByteView> find_tlv(ByteView list, std::uint8_t tag) {
    while (list.size() >= 2) {
        const std::uint8_t found = list[0];
        std::size_t length = list[1];
        list = list.subspan(2);
        if (length == 0x81 && !list.empty()) {
            length = list[0];
            list = list.subspan(1);
        } else if (length > 0x7F) {
            return std::nullopt;
        }
        if (list.size() < length)
            return std::nullopt;
        if (found == tag)
            return list.first(length);
        list = list.subspan(length);
    }
    return std::nullopt;
}

} // namespace digisign::virtual_card
