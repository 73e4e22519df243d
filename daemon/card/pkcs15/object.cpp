// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/object.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

/// More objects of one kind than any card has room for.
constexpr std::size_t objects_max = 64;

// AccessMode, ISO 7816-15 section 8.2.7.
constexpr std::size_t access_execute = 2;
constexpr std::size_t access_pso_cds = 5;
constexpr std::size_t access_internal_authenticate = 9;

/// The authentication object among the conditions for using a key: an authId itself, or the first one of
/// `and`/`or`.
Bytes auth_id_of_condition(const Tlv& condition) {
    if (condition.tag == tag::octet_string)
        return to_bytes(condition.value);
    if (condition.constructed())
        if (const auto first = iso7816::find_tlv(condition.value, tag::octet_string))
            return to_bytes(first->value);
    return {};
}

Bytes auth_id_of_rules(ByteView rules) {
    TlvReader reader(rules);
    while (const auto rule = reader.next()) {
        TlvReader fields(rule->value);
        const auto mode = fields.next_if(tag::bit_string);
        const auto condition = fields.next();
        if (!mode || !condition)
            continue;
        const BitString bits(mode->value);
        if (!bits.bit(access_execute) && !bits.bit(access_pso_cds) && !bits.bit(access_internal_authenticate))
            continue;
        if (Bytes auth_id = auth_id_of_condition(*condition); !auth_id.empty())
            return auth_id;
    }
    return {};
}

CommonAttributes parse_common(ByteView content) {
    CommonAttributes common;
    TlvReader fields(content);
    if (const auto label = fields.next_if(tag::utf8_string))
        common.label = to_text(label->value);
    if (const auto flags = fields.next_if(tag::bit_string))
        common.is_private = BitString(flags->value).bit(0);
    if (const auto auth_id = fields.next_if(tag::octet_string))
        common.auth_id = to_bytes(auth_id->value);
    if (const auto consent = fields.next_if(tag::integer))
        common.user_consent = to_size(consent->value);
    if (const auto rules = fields.next_if(tag::sequence); rules && common.auth_id.empty())
        common.auth_id = auth_id_of_rules(rules->value);
    return common;
}

} // namespace

std::optional<ObjectParts> split_object(const Tlv& object) {
    TlvReader parts(object.value);
    const auto common = parts.next_if(tag::sequence);
    const auto object_class = parts.next_if(tag::sequence);
    (void)parts.next_if(tag::context_constructed(0));
    const auto type = parts.next_if(tag::context_constructed(1));
    if (!common || !object_class || !type)
        return std::nullopt;
    TlvReader type_reader(type->value);
    const auto attributes = type_reader.next_if(tag::sequence);
    return ObjectParts{parse_common(common->value), object_class->value, type->value,
                       attributes ? attributes->value : ByteView{}};
}

std::optional<ObjectValue> parse_object_value(ByteView type_attributes) {
    TlvReader fields(type_attributes);
    const auto value = fields.next();
    if (!value)
        return std::nullopt;
    if (value->tag == tag::context_constructed(0))
        return ObjectValue{std::nullopt, to_bytes(value->value)};
    const auto path = parse_path(*value);
    if (!path)
        return std::nullopt;
    return ObjectValue{path, {}};
}

void for_each_object(ByteView directory, std::string_view directory_name, std::vector<std::string>& warnings,
                     const std::function<bool(const Tlv&)>& parse) {
    TlvReader reader(directory);
    for (std::size_t count = 1; const auto object = reader.next(); ++count) {
        if (count > objects_max) {
            warnings.push_back(std::string(directory_name) + " has too many entries; the rest is left out");
            return;
        }
        if (!parse(*object))
            warnings.push_back("entry " + std::to_string(count) + " of " + std::string(directory_name) +
                               " cannot be read");
    }
    if (reader.damaged())
        warnings.push_back(std::string(directory_name) + " is damaged");
}

} // namespace digisign::card::pkcs15
