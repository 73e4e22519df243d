// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/pukdf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"
#include "daemon/crypto/public_key.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

constexpr std::uint32_t rsa_key = tag::sequence;
constexpr std::uint32_t ec_key = tag::context_constructed(0);
constexpr std::uint32_t dh_key = tag::context_constructed(1);
constexpr std::uint32_t dsa_key = tag::context_constructed(2);

/// An uncompressed point is 04 ‖ x ‖ y (SEC 1 section 2.3.3); it tells the size of the field.
unsigned field_bits_of_point(ByteView point) {
    if (point.size() < 3 || point[0] != 0x04)
        return 0;
    return static_cast<unsigned>((point.size() - 1) / 2 * 8);
}

/// `direct` holds a raw key ([0] or an OCTET STRING with the point) or a SubjectPublicKeyInfo ([1]).
void read_direct_value(ByteView direct, PublicKeyObject& key) {
    TlvReader reader(direct);
    const auto value = reader.next();
    if (!value)
        return;
    if (value->tag == tag::context_constructed(1)) {
        const auto spki = TlvReader(value->value).next();
        const auto public_key = crypto::PublicKey::from_spki(spki ? spki->encoded : ByteView{});
        key.bits = public_key.bits();
        key.curve = public_key.curve();
        key.spki = public_key.spki();
        return;
    }
    if (key.algorithm == KeyAlgorithm::Rsa)
        return; // modulusLength follows
    const auto point =
        value->tag == tag::context_constructed(0) ? TlvReader(value->value).next() : std::optional(*value);
    if (point && point->tag == tag::octet_string)
        key.bits = field_bits_of_point(point->value);
}

std::optional<PublicKeyObject> parse_key(const Tlv& object) {
    const auto parts = split_object(object);
    if (!parts)
        return std::nullopt;
    PublicKeyObject key;
    key.algorithm = object.tag == ec_key ? KeyAlgorithm::Ec : KeyAlgorithm::Rsa;
    const auto id = TlvReader(parts->class_attributes).next_if(tag::octet_string);
    if (!id)
        return std::nullopt;
    key.id = to_bytes(id->value);

    TlvReader type(parts->type_attributes);
    if (const auto value = type.next(); value && value->tag == tag::context_constructed(0))
        read_direct_value(value->value, key);
    if (const auto bits = type.next_if(tag::integer); bits && key.bits == 0)
        key.bits = static_cast<unsigned>(to_size(bits->value).value_or(0));
    return key;
}

} // namespace

std::vector<PublicKeyObject> parse_pukdf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<PublicKeyObject> keys;
    for_each_object(content, "EF.PuKD", warnings, [&](const Tlv& object) {
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
