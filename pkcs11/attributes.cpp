// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/attributes.hpp"

#include "pkcs11/mechanisms.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace digisign::pkcs11 {

namespace {

std::string_view name_of(ObjectKind kind) {
    switch (kind) {
    case ObjectKind::Certificate:
        return "certificate";
    case ObjectKind::PublicKey:
        return "public-key";
    case ObjectKind::PrivateKey:
        return "private-key";
    case ObjectKind::Data:
        return "data";
    }
    return {};
}

CK_OBJECT_CLASS class_of(ObjectKind kind) {
    switch (kind) {
    case ObjectKind::Certificate:
        return CKO_CERTIFICATE;
    case ObjectKind::PublicKey:
        return CKO_PUBLIC_KEY;
    case ObjectKind::PrivateKey:
        return CKO_PRIVATE_KEY;
    case ObjectKind::Data:
        return CKO_DATA;
    }
    return {};
}

/// Section 4.4.1: the same wherever the card is read, and of no other object. Cards give certificates of
/// authorities the same identifier as the holder's, and data objects none.
std::string unique_id(const Object& object, const Token& token) {
    std::string text = token.serial_number;
    if (token.pin)
        text += "/PIN" + std::to_string(token.pin->number);
    text += '/';
    text += name_of(object.kind);
    text += '/' + to_hex(object.id);
    switch (object.kind) {
    case ObjectKind::Certificate:
        text += '/' + to_hex(object.check_value);
        break;
    case ObjectKind::Data:
        text += '/' + object.application + '/' + object.label + '/' + to_hex(object.object_id);
        break;
    case ObjectKind::PublicKey:
    case ObjectKind::PrivateKey:
        break;
    }
    return text;
}

/// Sections 4.4 and 4.5.
void set_storage(Attributes& attributes, const Object& object, const Token& token) {
    attributes.set_number(CKA_CLASS, class_of(object.kind));
    attributes.set(CKA_UNIQUE_ID, to_bytes(unique_id(object, token)));
    attributes.set_flag(CKA_TOKEN, true);
    attributes.set_flag(CKA_PRIVATE, object.kind == ObjectKind::PrivateKey && token.pin.has_value());
    attributes.set_flag(CKA_MODIFIABLE, false);
    attributes.set_flag(CKA_COPYABLE, false);
    attributes.set_flag(CKA_DESTROYABLE, false);
    attributes.set(CKA_LABEL, to_bytes(object.label));
}

/// Sections 4.7.2 and 4.7.3.
void set_certificate(Attributes& attributes, const Object& object) {
    attributes.set_number(CKA_CERTIFICATE_TYPE, CKC_X_509);
    attributes.set_flag(CKA_TRUSTED, false); // only the security officer could say so
    attributes.set_number(CKA_CERTIFICATE_CATEGORY, object.authority ? CK_CERTIFICATE_CATEGORY_AUTHORITY
                                                                     : CK_CERTIFICATE_CATEGORY_TOKEN_USER);
    attributes.set(CKA_CHECK_VALUE, object.check_value);
    attributes.set(CKA_START_DATE, to_bytes(object.start_date));
    attributes.set(CKA_END_DATE, to_bytes(object.end_date));
    attributes.set(CKA_PUBLIC_KEY_INFO, object.spki);

    attributes.set(CKA_SUBJECT, object.subject);
    attributes.set(CKA_ID, object.id);
    attributes.set(CKA_ISSUER, object.issuer);
    attributes.set(CKA_SERIAL_NUMBER, object.serial);
    attributes.set(CKA_VALUE, object.value);
    // Of certificates that are stored elsewhere.
    attributes.set(CKA_URL, {});
    attributes.set(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, {});
    attributes.set(CKA_HASH_OF_ISSUER_PUBLIC_KEY, {});
    attributes.set_number(CKA_JAVA_MIDP_SECURITY_DOMAIN, CK_SECURITY_DOMAIN_UNSPECIFIED);
}

/// Section 4.8. How a key came to be is not known, so nothing is claimed of it.
void set_key(Attributes& attributes, const Object& key) {
    attributes.set_number(CKA_KEY_TYPE, key.algorithm == KeyAlgorithm::Rsa ? CKK_RSA : CKK_EC);
    attributes.set(CKA_ID, key.id);
    attributes.set(CKA_START_DATE, {});
    attributes.set(CKA_END_DATE, {});
    attributes.set_flag(CKA_DERIVE, key.kind == ObjectKind::PrivateKey && key.can_derive);
    attributes.set_flag(CKA_LOCAL, false);
    attributes.set_number(CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION);
    const std::vector<CK_MECHANISM_TYPE> mechanisms = mechanisms_of(key);
    Bytes allowed(mechanisms.size() * sizeof(CK_MECHANISM_TYPE));
    if (!allowed.empty())
        std::memcpy(allowed.data(), mechanisms.data(), allowed.size());
    attributes.set(CKA_ALLOWED_MECHANISMS, std::move(allowed));
    attributes.set(CKA_SUBJECT, key.subject);
    attributes.set(CKA_PUBLIC_KEY_INFO, key.spki);
}

/// PKCS#11 Current Mechanisms 3.0 sections 2.1.2 and 2.3.3. Private keys have it too: programs that meet a
/// key without its certificate read it there. Where the card does not tell the public key, it is not there.
void set_public_components(Attributes& attributes, const Object& key) {
    const auto set_known = [&attributes](CK_ATTRIBUTE_TYPE type, const Bytes& value) {
        if (!value.empty())
            attributes.set(type, value);
    };
    switch (key.algorithm) {
    case KeyAlgorithm::Rsa:
        set_known(CKA_MODULUS, key.modulus);
        set_known(CKA_PUBLIC_EXPONENT, key.public_exponent);
        if (key.bits != 0)
            attributes.set_number(CKA_MODULUS_BITS, key.bits);
        return;
    case KeyAlgorithm::Ec:
        set_known(CKA_EC_PARAMS, key.ec_params);
        set_known(CKA_EC_POINT, key.ec_point);
        return;
    }
}

/// Section 4.9.
void set_public_key(Attributes& attributes, const Object& key) {
    attributes.set_flag(CKA_TRUSTED, false);
    attributes.set_flag(CKA_ENCRYPT, !key.spki.empty() && !key.decipher_mechanisms.empty());
    attributes.set_flag(CKA_VERIFY, !key.spki.empty() && can_sign(key));
    attributes.set_flag(CKA_VERIFY_RECOVER, false);
    attributes.set_flag(CKA_WRAP, false);
    attributes.set(CKA_WRAP_TEMPLATE, {});
}

/// Section 4.10.
void set_private_key(Attributes& attributes, const Object& key) {
    attributes.set_flag(CKA_SENSITIVE, true);
    attributes.set_flag(CKA_EXTRACTABLE, false);
    attributes.set_flag(CKA_ALWAYS_SENSITIVE, false);
    attributes.set_flag(CKA_NEVER_EXTRACTABLE, false);
    attributes.set_flag(CKA_SIGN, can_sign(key));
    attributes.set_flag(CKA_SIGN_RECOVER, can_sign_with_recovery(key));
    attributes.set_flag(CKA_DECRYPT, !key.decipher_mechanisms.empty());
    attributes.set_flag(CKA_UNWRAP, !key.decipher_mechanisms.empty());
    attributes.set(CKA_UNWRAP_TEMPLATE, {});
    attributes.set_flag(CKA_WRAP_WITH_TRUSTED, false);
    attributes.set_flag(CKA_ALWAYS_AUTHENTICATE, key.always_authenticate);
    switch (key.algorithm) {
    case KeyAlgorithm::Rsa:
        for (const CK_ATTRIBUTE_TYPE type : {CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
                                             CKA_EXPONENT_2, CKA_COEFFICIENT})
            attributes.set_secret(type);
        return;
    case KeyAlgorithm::Ec:
        attributes.set_secret(CKA_VALUE);
        return;
    }
}

/// Section 4.6.
void set_data(Attributes& attributes, const Object& object) {
    attributes.set(CKA_APPLICATION, to_bytes(object.application));
    attributes.set(CKA_OBJECT_ID, object.object_id);
    attributes.set(CKA_VALUE, object.value);
}

} // namespace

void Attributes::set(CK_ATTRIBUTE_TYPE type, Bytes value) {
    values_.insert_or_assign(type, std::move(value));
}

void Attributes::set_flag(CK_ATTRIBUTE_TYPE type, bool value) {
    set(type, {static_cast<CK_BBOOL>(value ? CK_TRUE : CK_FALSE)});
}

void Attributes::set_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    set(type, std::move(bytes));
}

void Attributes::set_secret(CK_ATTRIBUTE_TYPE type) {
    values_.insert_or_assign(type, std::nullopt);
}

const Bytes* Attributes::find(CK_ATTRIBUTE_TYPE type) const {
    const auto found = values_.find(type);
    return found != values_.end() && found->second ? &*found->second : nullptr;
}

bool Attributes::flag(CK_ATTRIBUTE_TYPE type) const {
    const Bytes* value = find(type);
    return value != nullptr && value->size() == sizeof(CK_BBOOL) && value->front() != CK_FALSE;
}

bool Attributes::match(std::span<const CK_ATTRIBUTE> wanted) const {
    return std::ranges::all_of(wanted, [this](const CK_ATTRIBUTE& attribute) {
        const Bytes* value = find(attribute.type);
        if (value == nullptr || attribute.ulValueLen != value->size())
            return false;
        return value->empty() || (attribute.pValue != nullptr &&
                                  std::memcmp(attribute.pValue, value->data(), value->size()) == 0);
    });
}

CK_RV Attributes::copy_to(std::span<CK_ATTRIBUTE> wanted) const {
    CK_RV result = CKR_OK;
    const auto fail = [&result](CK_ATTRIBUTE& attribute, CK_RV error) {
        attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
        result = error;
    };
    for (CK_ATTRIBUTE& attribute : wanted) {
        const auto found = values_.find(attribute.type);
        if (found == values_.end()) {
            fail(attribute, CKR_ATTRIBUTE_TYPE_INVALID);
        } else if (!found->second) {
            fail(attribute, CKR_ATTRIBUTE_SENSITIVE);
        } else if (const Bytes& value = *found->second; attribute.pValue == nullptr) {
            attribute.ulValueLen = value.size();
        } else if (attribute.ulValueLen < value.size()) {
            fail(attribute, CKR_BUFFER_TOO_SMALL);
        } else {
            std::ranges::copy(value, static_cast<std::uint8_t*>(attribute.pValue));
            attribute.ulValueLen = value.size();
        }
    }
    return result;
}

Attributes attributes_of(const Object& object, const Token& token) {
    Attributes attributes;
    set_storage(attributes, object, token);
    switch (object.kind) {
    case ObjectKind::Certificate:
        set_certificate(attributes, object);
        break;
    case ObjectKind::PublicKey:
        set_key(attributes, object);
        set_public_components(attributes, object);
        set_public_key(attributes, object);
        break;
    case ObjectKind::PrivateKey:
        set_key(attributes, object);
        set_public_components(attributes, object);
        set_private_key(attributes, object);
        break;
    case ObjectKind::Data:
        set_data(attributes, object);
        break;
    }
    return attributes;
}

} // namespace digisign::pkcs11
