// SPDX-License-Identifier: LGPL-2.1-or-later
// Attributes of objects, PKCS#11 3.0 section 4: what they are, how templates match them, how they are copied
// out.

#pragma once

#include "common/bytes.hpp"
#include "pkcs11/cryptoki.hpp"
#include "pkcs11/snapshot.hpp"

#include <map>
#include <optional>
#include <span>

namespace digisign::pkcs11 {

class Attributes {
public:
    void set(CK_ATTRIBUTE_TYPE type, Bytes value);
    void set_flag(CK_ATTRIBUTE_TYPE type, bool value);
    void set_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    /// The object has it, but never tells (CKR_ATTRIBUTE_SENSITIVE).
    void set_secret(CK_ATTRIBUTE_TYPE type);

    /// Null for what the object does not have or does not tell.
    const Bytes* find(CK_ATTRIBUTE_TYPE type) const;
    bool flag(CK_ATTRIBUTE_TYPE type) const;

    /// Whether every attribute of the template is there with that very value; an empty template matches all.
    bool match(std::span<const CK_ATTRIBUTE> wanted) const;

    /// C_GetAttributeValue, section 5.7.5: fills what it can and returns the CK_RV for the rest
    /// (CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL).
    CK_RV copy_to(std::span<CK_ATTRIBUTE> wanted) const;

private:
    std::map<CK_ATTRIBUTE_TYPE, std::optional<Bytes>> values_; ///< empty: secret
};

/// Of an object on a card.
Attributes attributes_of(const Object& object, const Token& token);

} // namespace digisign::pkcs11
