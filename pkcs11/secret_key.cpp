// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/secret_key.hpp"

#include "pkcs11/fault.hpp"

#include <cstring>
#include <utility>

namespace digisign::pkcs11 {

namespace {

template <class Value>
Value read(const CK_ATTRIBUTE& attribute) {
    Value value{};
    if (attribute.pValue == nullptr || attribute.ulValueLen != sizeof value)
        throw Fault{CKR_ATTRIBUTE_VALUE_INVALID};
    std::memcpy(&value, attribute.pValue, sizeof value);
    return value;
}

void require(bool condition) {
    if (!condition)
        throw Fault{CKR_TEMPLATE_INCONSISTENT};
}

} // namespace

SecretKeyTemplate read_secret_key_template(std::span<const CK_ATTRIBUTE> given) {
    SecretKeyTemplate wanted;
    Attributes& attributes = wanted.attributes;
    attributes.set_number(CKA_CLASS, CKO_SECRET_KEY);
    attributes.set_number(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    attributes.set_flag(CKA_TOKEN, false);
    attributes.set_flag(CKA_PRIVATE, false);
    attributes.set_flag(CKA_MODIFIABLE, false);
    attributes.set_flag(CKA_COPYABLE, false);
    attributes.set_flag(CKA_DESTROYABLE, true);
    attributes.set_flag(CKA_SENSITIVE, false);
    attributes.set_flag(CKA_ALWAYS_SENSITIVE, false);
    attributes.set_flag(CKA_EXTRACTABLE, true);
    attributes.set_flag(CKA_NEVER_EXTRACTABLE, false);
    attributes.set_flag(CKA_LOCAL, false);
    attributes.set_number(CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION);
    for (const CK_ATTRIBUTE& attribute : given) {
        switch (attribute.type) {
        case CKA_CLASS:
            require(read<CK_OBJECT_CLASS>(attribute) == CKO_SECRET_KEY);
            break;
        case CKA_TOKEN:
        case CKA_SENSITIVE:
            require(read<CK_BBOOL>(attribute) == CK_FALSE);
            break;
        case CKA_EXTRACTABLE:
            require(read<CK_BBOOL>(attribute) == CK_TRUE);
            break;
        case CKA_KEY_TYPE:
            attributes.set_number(attribute.type, read<CK_KEY_TYPE>(attribute));
            break;
        case CKA_VALUE_LEN:
            wanted.length = read<CK_ULONG>(attribute);
            break;
        // What the application means to do with it, elsewhere.
        case CKA_PRIVATE:
        case CKA_ENCRYPT:
        case CKA_DECRYPT:
        case CKA_SIGN:
        case CKA_VERIFY:
        case CKA_WRAP:
        case CKA_UNWRAP:
        case CKA_DERIVE:
        case CKA_MODIFIABLE:
            attributes.set_flag(attribute.type, read<CK_BBOOL>(attribute) != CK_FALSE);
            break;
        case CKA_ID:
        case CKA_LABEL: {
            const auto* text = static_cast<const std::uint8_t*>(attribute.pValue);
            if (text == nullptr && attribute.ulValueLen != 0)
                throw Fault{CKR_ATTRIBUTE_VALUE_INVALID};
            attributes.set(attribute.type,
                           text == nullptr ? Bytes{} : Bytes(text, text + attribute.ulValueLen));
            break;
        }
        default:
            throw Fault{CKR_ATTRIBUTE_TYPE_INVALID};
        }
    }
    return wanted;
}

SecretKey::SecretKey(SecretKeyTemplate wanted, SecureBuffer value)
    : attributes_(std::move(wanted.attributes)), value_(std::move(value)) {
    attributes_.set_number(CKA_VALUE_LEN, value_.size());
}

CK_RV SecretKey::copy_to(std::span<CK_ATTRIBUTE> wanted) const {
    CK_RV result = CKR_OK;
    for (CK_ATTRIBUTE& attribute : wanted) {
        CK_RV one = CKR_OK;
        if (attribute.type != CKA_VALUE) {
            one = attributes_.copy_to({&attribute, 1});
        } else if (attribute.pValue == nullptr) {
            attribute.ulValueLen = value_.size();
        } else if (attribute.ulValueLen < value_.size()) {
            attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
            one = CKR_BUFFER_TOO_SMALL;
        } else {
            std::memcpy(attribute.pValue, value_.view().data(), value_.size());
            attribute.ulValueLen = value_.size();
        }
        if (one != CKR_OK)
            result = one;
    }
    return result;
}

} // namespace digisign::pkcs11
