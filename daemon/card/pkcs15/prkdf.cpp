// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/prkdf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

constexpr std::uint32_t rsa_key = tag::sequence;
constexpr std::uint32_t ec_key = tag::context_constructed(0);
constexpr std::uint32_t dh_key = tag::context_constructed(1);
constexpr std::uint32_t dsa_key = tag::context_constructed(2);

constexpr std::size_t usage_decrypt = 1;
constexpr std::size_t usage_sign = 2;
constexpr std::size_t usage_sign_recover = 3;
constexpr std::size_t usage_unwrap = 5;
constexpr std::size_t usage_derive = 8;
constexpr std::size_t usage_non_repudiation = 9;

std::vector<std::int64_t> parse_integers(ByteView content) {
    std::vector<std::int64_t> numbers;
    TlvReader reader(content);
    while (const auto item = reader.next_if(tag::integer))
        if (const auto number = to_integer(item->value))
            numbers.push_back(*number);
    return numbers;
}

std::optional<PrivateKeyObject> parse_key(const Tlv& object) {
    const auto parts = split_object(object);
    if (!parts)
        return std::nullopt;
    PrivateKeyObject key;
    key.common = parts->common;
    key.algorithm = object.tag == ec_key ? KeyAlgorithm::Ec : KeyAlgorithm::Rsa;

    TlvReader fields(parts->class_attributes);
    const auto id = fields.next_if(tag::octet_string);
    const auto usage = fields.next_if(tag::bit_string);
    if (!id || !usage)
        return std::nullopt;
    key.id = to_bytes(id->value);
    key.usage = parse_key_usage(usage->value);
    (void)fields.next_if(tag::boolean);    // native
    (void)fields.next_if(tag::bit_string); // accessFlags
    if (const auto reference = fields.next_if(tag::integer))
        key.reference = to_reference(reference->value);
    (void)fields.next_if(tag::generalized_time); // startDate
    (void)fields.next_if(tag::context(0));       // endDate
    if (const auto algorithms = fields.next_if(tag::context_constructed(1)))
        key.algorithm_references = parse_integers(algorithms->value);

    TlvReader type(parts->type_attributes);
    if (const auto value = type.next())
        key.path = parse_path(*value);
    if (const auto bits = type.next_if(tag::integer))
        key.bits = static_cast<unsigned>(to_size(bits->value).value_or(0));
    if (!key.path && !key.reference)
        return std::nullopt; // nothing by which the card could be told which key
    return key;
}

} // namespace

KeyUsage parse_key_usage(ByteView bit_string) {
    const BitString bits(bit_string);
    return {.decrypt = bits.bit(usage_decrypt),
            .sign = bits.bit(usage_sign) || bits.bit(usage_sign_recover),
            .unwrap = bits.bit(usage_unwrap),
            .derive = bits.bit(usage_derive),
            .non_repudiation = bits.bit(usage_non_repudiation)};
}

std::vector<PrivateKeyObject> parse_prkdf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<PrivateKeyObject> keys;
    for_each_object(content, "EF.PrKD", warnings, [&](const Tlv& object) {
        if (object.tag == dh_key || object.tag == dsa_key)
            return true;
        if (object.tag != rsa_key && object.tag != ec_key)
            return false;
        auto key = parse_key(object);
        if (!key)
            return false;
        keys.push_back(std::move(*key));
        return true;
    });
    return keys;
}

} // namespace digisign::card::pkcs15
