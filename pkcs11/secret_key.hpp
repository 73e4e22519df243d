// SPDX-License-Identifier: LGPL-2.1-or-later
// A secret that the card has derived or unwrapped, as a session object (CKO_SECRET_KEY).

#pragma once

#include "common/secure_buffer.hpp"
#include "pkcs11/attributes.hpp"

#include <optional>
#include <span>

namespace digisign::pkcs11 {

/// What C_DeriveKey and C_UnwrapKey want it to be like.
struct SecretKeyTemplate {
    Attributes attributes;
    std::optional<CK_ULONG> length; ///< CKA_VALUE_LEN
};

/// The application gets the value: nothing here could use a key that stays inside. Throws Fault:
/// CKR_TEMPLATE_INCONSISTENT (not a secret key, sensitive or not extractable, on the token),
/// CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID.
SecretKeyTemplate read_secret_key_template(std::span<const CK_ATTRIBUTE> given);

class SecretKey {
public:
    SecretKey(SecretKeyTemplate wanted, SecureBuffer value);

    bool match(std::span<const CK_ATTRIBUTE> wanted) const { return attributes_.match(wanted); }
    /// As Attributes::copy_to().
    CK_RV copy_to(std::span<CK_ATTRIBUTE> wanted) const;

private:
    Attributes attributes_; ///< without CKA_VALUE
    SecureBuffer value_;
};

} // namespace digisign::pkcs11
