// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/pkcs15_directory.hpp"

#include "tests/virtual-card/tlv.hpp"

namespace digisign::virtual_card {

namespace {

// Named bits of CommonObjectFlags, KeyAccessFlags and CardFlags.
constexpr unsigned object_private = 0;
constexpr unsigned object_modifiable = 1;
constexpr unsigned key_sensitive = 0;
constexpr unsigned key_always_sensitive = 2;
constexpr unsigned key_never_extractable = 3;
constexpr unsigned key_local = 4;
constexpr unsigned card_login_required = 1;
constexpr unsigned card_random_numbers = 2;
constexpr unsigned card_eid_compliant = 3;

constexpr unsigned ascii_numeric = 1;

Bytes path_value(ByteView path) {
    return der_sequence({der_octets(path)});
}

Bytes octet(std::uint8_t value) {
    return {value};
}

/// typeAttributes are tagged explicitly in every object, and a SEQUENCE in nearly all.
Bytes type_attributes(Bytes attributes) {
    return tlv(0xA1, {tlv(0x30, attributes)});
}

Bytes pin_object(const PinObject& pin) {
    const Bytes common =
        pin.unblocked_by ? der_sequence({der_utf8(pin.label), der_bits({object_private, object_modifiable}),
                                         der_octets(octet(*pin.unblocked_by))})
                         : der_sequence({der_utf8(pin.label), der_bits({object_private, object_modifiable})});
    const Bytes attributes = concatenate({
        der_bits(pin.flags),
        der_enumerated(ascii_numeric),
        der_integer(pin.min_length),
        der_integer(pin.stored_length),
        der_integer(pin.stored_length),
        tlv(0x80,
            octet(pin.reference)), // one octet, so references above 7F look negative; real cards do the same
        der_octets(octet(pin.pad_character)),
        path_value(pin.path),
    });
    return der_sequence(
        {common, der_sequence({der_octets(octet(pin.auth_id))}), type_attributes(attributes)});
}

Bytes key_object(const KeyObject& key) {
    Bytes common =
        concatenate({der_utf8(key.label), der_bits({object_private}), der_octets(octet(key.auth_id))});
    if (key.user_consent)
        append(common, der_integer(1));
    Bytes attributes = concatenate({
        der_octets(octet(key.id)),
        der_bits(key.usage),
        der_bits({key_sensitive, key_always_sensitive, key_never_extractable, key_local}),
    });
    if (key.reference)
        append(attributes, der_integer(*key.reference));
    const Bytes type = type_attributes(concatenate({path_value(key.path), der_integer(key.bits)}));
    return tlv(key.rsa ? 0x30 : 0xA0, {tlv(0x30, common), tlv(0x30, attributes), type});
}

Bytes certificate_object(const CertificateObject& certificate) {
    Bytes attributes = der_octets(octet(certificate.id));
    if (certificate.authority)
        append(attributes, der_boolean(true));
    return der_sequence({der_sequence({der_utf8(certificate.label), der_bits({})}), tlv(0x30, attributes),
                         type_attributes(path_value(certificate.path))});
}

Bytes data_object(const DataObject& object) {
    const Bytes common =
        der_sequence({der_utf8(object.label), object.is_private ? der_bits({object_private}) : der_bits({})});
    const Bytes attributes =
        der_sequence({der_utf8(object.application), tlv(0x06, ByteView(object.object_id))});
    // OpaqueDOAttributes are an ObjectValue themselves, without a SEQUENCE around it.
    return der_sequence({common, attributes, tlv(0xA1, {path_value(object.path)})});
}

template <typename Object>
Bytes join(const std::vector<Object>& objects, Bytes (*encode)(const Object&)) {
    Bytes file;
    for (const Object& object : objects)
        append(file, encode(object));
    return file;
}

Bytes algorithm_info(const AlgorithmObject& algorithm) {
    return der_sequence({der_integer(algorithm.reference), der_integer(algorithm.mechanism),
                         algorithm.parameters, der_bits(algorithm.operations),
                         // objId is optional and left out; algRef is what MSE SET wants
                         der_integer(algorithm.card_reference)});
}

} // namespace

Bytes example_object_id() {
    return {0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xFD, 0x59, 0x01};
}

Bytes object_directory(std::initializer_list<DirectoryReference> references) {
    Bytes file;
    for (const DirectoryReference& reference : references)
        append(file, tlv(0xA0U | reference.kind, path_value(reference.path)));
    return file;
}

Bytes pin_directory(const std::vector<PinObject>& pins) {
    return join(pins, pin_object);
}

Bytes private_key_directory(const std::vector<KeyObject>& keys) {
    return join(keys, key_object);
}

Bytes certificate_directory(const std::vector<CertificateObject>& certificates) {
    return join(certificates, certificate_object);
}

Bytes data_directory(const std::vector<DataObject>& objects) {
    return join(objects, data_object);
}

Bytes card_info(const CardInfo& info) {
    Bytes content = concatenate({
        der_integer(0), // version 1
        der_octets(info.serial_number),
        der_utf8(info.manufacturer),
        tlv(0x80, as_bytes(info.label)),
        der_bits({card_login_required, card_random_numbers, card_eid_compliant}),
    });
    if (!info.algorithms.empty())
        append(content, tlv(0xA2, join(info.algorithms, algorithm_info)));
    if (!info.last_update.empty())
        append(content, tlv(0x85, as_bytes(info.last_update)));
    append(content, der_printable(info.language));
    return tlv(0x30, content);
}

Bytes application_template(ByteView aid, const std::string& label, ByteView path) {
    return tlv(0x61, {tlv(0x4F, aid), tlv(0x50, as_bytes(label)), tlv(0x51, path)});
}

} // namespace digisign::virtual_card
