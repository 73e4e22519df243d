// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/describe.hpp"

#include "daemon/card/parse_certificate.hpp"

#include <algorithm>

namespace digisign::card::pkcs15 {

namespace {

bool is_puk(const PinObject& pin) {
    return pin.flags.unblocking_password || pin.flags.so_password;
}

/// The PIN whose authId this is.
const PinObject* find_pin(const Objects& objects, const Bytes& auth_id) {
    if (auth_id.empty())
        return nullptr;
    const auto found = std::ranges::find(objects.pins, auth_id, &PinObject::auth_id);
    return found == objects.pins.end() ? nullptr : &*found;
}

/// A PIN that guards keys for non-repudiation and no others is the signature PIN.
PinRole role_of(const Objects& objects, const PinObject& pin) {
    if (is_puk(pin))
        return PinRole::Puk;
    bool guards_signature_key = false;
    for (const PrivateKeyObject& key : objects.private_keys) {
        if (key.common.auth_id.empty() || key.common.auth_id != pin.auth_id)
            continue;
        if (!key.usage.non_repudiation || key.usage.decrypt || key.usage.sign)
            return PinRole::Authentication;
        guards_signature_key = true;
    }
    return guards_signature_key ? PinRole::Signature : PinRole::Authentication;
}

PinDescription describe_pin(const Objects& objects, const PinObject& pin) {
    PinDescription result;
    result.reference = pin.reference;
    result.label = pin.common.label.empty() ? (is_puk(pin) ? "PUK" : "PIN") : pin.common.label;
    result.role = role_of(objects, pin);
    result.min_length = pin.min_length;
    result.max_length =
        std::clamp(pin.max_length, pin.min_length, std::max(pin.min_length, PinValue::max_length));
    if (pin.flags.needs_padding && pin.stored_length != 0) {
        result.stored_length = pin.stored_length;
        result.pad_byte = pin.pad_char.value_or(0x00);
        result.max_length = std::min(result.max_length, pin.stored_length);
    }
    result.only_digits = pin.type != PasswordType::Utf8;
    if (const PinObject* puk = find_pin(objects, pin.common.auth_id); puk != nullptr && is_puk(*puk))
        result.puk_reference = puk->reference;
    // A PUK is its issuer's and stays as it is.
    result.can_change = !is_puk(pin) && !pin.flags.change_disabled;
    result.can_unblock = !is_puk(pin) && !pin.flags.unblock_disabled;
    return result;
}

/// Size and curve from the certificate, else from the directories.
void complete_key(const Objects& objects, const crypto::PublicKey* public_key, KeyDescription& key) {
    if (public_key != nullptr && public_key->algorithm() != crypto::PublicKeyAlgorithm::Other) {
        key.algorithm =
            public_key->algorithm() == crypto::PublicKeyAlgorithm::Ec ? KeyAlgorithm::Ec : KeyAlgorithm::Rsa;
        key.bits = public_key->bits();
        key.curve = public_key->curve();
        return;
    }
    const auto found = std::ranges::find(objects.public_keys, key.id, &PublicKeyObject::id);
    if (found == objects.public_keys.end())
        return;
    if (key.bits == 0)
        key.bits = found->bits;
    key.curve = found->curve;
    key.spki = found->spki;
}

KeyDescription describe_key(const Objects& objects, const PrivateKeyObject& object, const Location& location,
                            const crypto::PublicKey* public_key) {
    KeyDescription key;
    key.id = object.id;
    key.label = object.common.label.empty() ? "Private key" : object.common.label;
    key.reference = object.reference.value_or(0);
    if (object.path)
        key.path = absolute_path(location.path, object.path->identifiers);
    key.algorithm = object.algorithm;
    key.bits = object.bits;
    key.usage = object.usage;
    if (const PinObject* pin = find_pin(objects, object.common.auth_id))
        key.pin_reference = pin->reference;
    key.always_authenticate = object.common.user_consent == std::size_t{1};
    complete_key(objects, public_key, key);
    return key;
}

} // namespace

CardDescription describe(const Objects& objects, const Location& location) {
    CardDescription card;
    card.label = objects.token_info.label;
    card.manufacturer = objects.token_info.manufacturer;
    card.serial_number = serial_number_text(objects.token_info.serial_number);
    card.warnings = objects.warnings;

    for (const PinObject& pin : objects.pins) {
        // A PIN packed in another way than it is typed would be a wrong one, and cost a try.
        if (pin.type == PasswordType::AsciiNumeric || pin.type == PasswordType::Utf8)
            card.pins.push_back(describe_pin(objects, pin));
        else
            card.warnings.push_back("PIN \"" + pin.common.label +
                                    "\" is stored in a form that is not supported");
    }

    std::vector<std::pair<Bytes, crypto::PublicKey>> public_keys; // of the holder's certificates, by id
    for (const Certificate& certificate : objects.certificates) {
        const auto content = parse_certificate(
            certificate.der, "certificate \"" + certificate.object.common.label + "\"", card.warnings);
        if (!content)
            continue;
        // A certificate that belongs to a key is its holder's, even if (being self-signed) it says otherwise.
        const bool has_key = std::ranges::find(objects.private_keys, certificate.object.id,
                                               &PrivateKeyObject::id) != objects.private_keys.end();
        const bool authority = certificate.object.authority || (content->is_authority() && !has_key);
        const std::string& label = certificate.object.common.label;
        card.certificates.push_back({certificate.object.id,
                                     label.empty() ? content->subject_common_name() : label, content->der(),
                                     authority});
        if (authority)
            continue;
        public_keys.emplace_back(certificate.object.id, content->public_key());
        if (card.issuer.empty())
            card.issuer = content->issuer_common_name();
    }

    for (const PrivateKeyObject& object : objects.private_keys) {
        const auto found =
            std::ranges::find(public_keys, object.id, &std::pair<Bytes, crypto::PublicKey>::first);
        card.keys.push_back(
            describe_key(objects, object, location, found == public_keys.end() ? nullptr : &found->second));
        if (card.keys.back().bits == 0)
            card.warnings.push_back("the card does not tell the size of key \"" + card.keys.back().label +
                                    "\"");
    }
    for (const Data& data : objects.data_objects)
        card.add_data_object(
            {data.object.common.label, data.object.application, data.object.object_id, data.value});
    return card;
}

} // namespace digisign::card::pkcs15
