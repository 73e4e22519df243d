// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/aodf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

constexpr std::size_t flag_change_disabled = 2;
constexpr std::size_t flag_unblock_disabled = 3;
constexpr std::size_t flag_needs_padding = 5;
constexpr std::size_t flag_unblocking_password = 6;
constexpr std::size_t flag_so_password = 7;

std::optional<PasswordType> to_password_type(ByteView value) {
    const auto number = to_integer(value);
    if (!number || *number < 0 || *number > static_cast<int>(PasswordType::Iso9564))
        return std::nullopt;
    return static_cast<PasswordType>(*number);
}

std::optional<PinObject> parse_pin(const Tlv& object) {
    const auto parts = split_object(object);
    if (!parts)
        return std::nullopt;
    PinObject pin;
    pin.common = parts->common;
    if (const auto auth_id = TlvReader(parts->class_attributes).next_if(tag::octet_string))
        pin.auth_id = to_bytes(auth_id->value);

    TlvReader fields(parts->type_attributes);
    const auto flags = fields.next_if(tag::bit_string);
    const auto type = fields.next_if(tag::enumerated);
    const auto min_length = fields.next_if(tag::integer);
    const auto stored_length = fields.next_if(tag::integer);
    const auto max_length = fields.next_if(tag::integer);
    const auto reference = fields.next_if(tag::context(0));
    const auto pad_char = fields.next_if(tag::octet_string);
    if (!flags || !type || !min_length || !stored_length)
        return std::nullopt;

    const BitString bits(flags->value);
    pin.flags = {.change_disabled = bits.bit(flag_change_disabled),
                 .unblock_disabled = bits.bit(flag_unblock_disabled),
                 .needs_padding = bits.bit(flag_needs_padding),
                 .unblocking_password = bits.bit(flag_unblocking_password),
                 .so_password = bits.bit(flag_so_password)};
    const auto password_type = to_password_type(type->value);
    const auto min = to_size(min_length->value);
    const auto stored = to_size(stored_length->value);
    const auto max = max_length ? to_size(max_length->value) : stored;
    const auto number = reference ? to_reference(reference->value) : std::uint8_t{0};
    if (!password_type || !min || !stored || !max || !number)
        return std::nullopt;
    pin.type = *password_type;
    pin.min_length = *min;
    pin.stored_length = *stored;
    pin.max_length = *max;
    if (!max_length && pin.type == PasswordType::Bcd)
        pin.max_length = 2 * pin.stored_length;
    pin.reference = *number;
    if (pad_char && !pad_char->value.empty())
        pin.pad_char = pad_char->value[0];
    return pin;
}

} // namespace

std::vector<PinObject> parse_aodf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<PinObject> pins;
    for_each_object(content, "EF.AOD", warnings, [&](const Tlv& object) {
        if (object.tag == tag::context_constructed(0) || object.tag == tag::context_constructed(1))
            return true; // biometric template, authentication key
        if (object.tag != tag::sequence)
            return false;
        auto pin = parse_pin(object);
        if (!pin)
            return false;
        pins.push_back(std::move(*pin));
        return true;
    });
    return pins;
}

} // namespace digisign::card::pkcs15
