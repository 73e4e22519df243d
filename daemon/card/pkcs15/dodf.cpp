// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/dodf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

std::optional<DataObject> parse_object(const Tlv& object) {
    const auto parts = split_object(object);
    if (!parts)
        return std::nullopt;
    TlvReader fields(parts->class_attributes);
    const auto name = fields.next_if(tag::utf8_string);
    const auto oid = fields.next_if(tag::oid);
    // OpaqueDOAttributes are the ObjectValue itself; who takes it for the usual SEQUENCE is understood, too.
    auto value = parse_object_value(parts->type);
    if (!value)
        value = parse_object_value(parts->type_attributes);
    if (!value)
        return std::nullopt;
    return DataObject{parts->common, name ? to_text(name->value) : std::string(),
                      oid ? to_bytes(oid->encoded) : Bytes(), std::move(*value)};
}

} // namespace

std::vector<DataObject> parse_dodf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<DataObject> objects;
    for_each_object(content, "EF.DCOD", warnings, [&](const Tlv& object) {
        if (object.tag == tag::context_constructed(0) || object.tag == tag::context_constructed(1))
            return true; // of ISO 7816-6, and those that only an identifier names
        if (object.tag != tag::sequence)
            return false;
        auto data = parse_object(object);
        if (!data)
            return false;
        objects.push_back(std::move(*data));
        return true;
    });
    return objects;
}

} // namespace digisign::card::pkcs15
