// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/cdf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

std::optional<CertificateObject> parse_certificate(const Tlv& object) {
    const auto parts = split_object(object);
    if (!parts)
        return std::nullopt;
    TlvReader fields(parts->class_attributes);
    const auto id = fields.next_if(tag::octet_string);
    const auto authority = fields.next_if(tag::boolean);
    const auto value = parse_object_value(parts->type_attributes);
    if (!id || !value)
        return std::nullopt;
    return CertificateObject{parts->common, to_bytes(id->value), authority && to_boolean(authority->value),
                             *value};
}

} // namespace

std::vector<CertificateObject> parse_cdf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<CertificateObject> certificates;
    for_each_object(content, "EF.CD", warnings, [&](const Tlv& object) {
        if (object.tag != tag::sequence)
            return (object.tag & ~0x0Fu) ==
                   tag::context_constructed(0); // attribute, SPKI, PGP … certificates
        auto certificate = parse_certificate(object);
        if (!certificate)
            return false;
        certificates.push_back(std::move(*certificate));
        return true;
    });
    return certificates;
}

} // namespace digisign::card::pkcs15
