// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/ber_tlv.hpp"

#include "common/error.hpp"

namespace digisign::iso7816 {

namespace {

constexpr std::size_t tag_bytes_max = 3;    // ISO 7816-4 section 6.3
constexpr std::size_t length_bytes_max = 4; // after the first; more than any card holds

bool is_padding(std::uint8_t byte) {
    return byte == 0x00 || byte == 0xFF;
}

/// Takes bytes from the front of a view, as far as there are any.
class Cursor {
public:
    explicit Cursor(ByteView view) : view_(view) {}

    std::optional<std::uint8_t> take() {
        if (position_ == view_.size())
            return std::nullopt;
        return view_[position_++];
    }
    std::size_t position() const { return position_; }

private:
    ByteView view_;
    std::size_t position_ = 0;
};

std::optional<std::uint32_t> take_tag(Cursor& cursor) {
    const auto first = cursor.take();
    if (!first)
        return std::nullopt;
    std::uint32_t tag = *first;
    if ((*first & 0x1F) != 0x1F)
        return tag;
    for (std::size_t count = 1; count < tag_bytes_max; ++count) {
        const auto byte = cursor.take();
        if (!byte)
            return std::nullopt;
        tag = tag << 8 | *byte;
        if ((*byte & 0x80) == 0)
            return tag;
    }
    return std::nullopt;
}

std::optional<std::size_t> take_length(Cursor& cursor) {
    const auto first = cursor.take();
    if (!first)
        return std::nullopt;
    if (*first < 0x80)
        return *first;
    const std::size_t count = *first & 0x7Fu;
    if (count == 0 || count > length_bytes_max)
        return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto byte = cursor.take();
        if (!byte)
            return std::nullopt;
        length = length << 8 | *byte;
    }
    return length;
}

std::optional<Tlv> parse_first(ByteView input) {
    Cursor cursor(input);
    const auto tag = take_tag(cursor);
    if (!tag)
        return std::nullopt;
    const auto length = take_length(cursor);
    if (!length || *length > input.size() - cursor.position())
        return std::nullopt;
    return Tlv{*tag, input.subspan(cursor.position(), *length), input.first(cursor.position() + *length)};
}

} // namespace

bool TlvReader::at_end() const {
    return damaged_ || rest_.empty() || is_padding(rest_.front());
}

std::optional<Tlv> TlvReader::next() {
    if (at_end())
        return std::nullopt;
    const auto tlv = parse_first(rest_);
    if (!tlv) {
        damaged_ = true;
        return std::nullopt;
    }
    rest_ = rest_.subspan(tlv->encoded.size());
    return tlv;
}

std::optional<Tlv> TlvReader::next_if(std::uint32_t tag) {
    TlvReader ahead = *this;
    const auto tlv = ahead.next();
    if (!tlv || tlv->tag != tag)
        return std::nullopt;
    *this = ahead;
    return tlv;
}

std::optional<Tlv> find_tlv(ByteView content, std::uint32_t tag) {
    TlvReader reader(content);
    while (const auto tlv = reader.next())
        if (tlv->tag == tag)
            return tlv;
    return std::nullopt;
}

Bytes encode_tlv(std::uint8_t tag, ByteView value) {
    if (value.size() > 0xFFFF)
        throw Error(ErrorCode::Internal, "a data object is too long for a command");
    Bytes object{tag};
    if (value.size() > 0xFF)
        append(object, Bytes{0x82, static_cast<std::uint8_t>(value.size() >> 8)});
    else if (value.size() > 0x7F)
        object.push_back(0x81);
    object.push_back(static_cast<std::uint8_t>(value.size()));
    append(object, value);
    return object;
}

} // namespace digisign::iso7816
