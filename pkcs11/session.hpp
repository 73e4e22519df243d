// SPDX-License-Identifier: LGPL-2.1-or-later
// A session and what is under way in it: at most one operation of each kind (PKCS#11 3.0 section 5.6).

#pragma once

#include "pkcs11/input.hpp"
#include "pkcs11/mechanisms.hpp"
#include "pkcs11/secret_key.hpp"
#include "pkcs11/view.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace digisign::pkcs11 {

/// Keeps the view that the key is in.
struct KeyRef {
    std::shared_ptr<const View> view;
    const TokenObject* entry = nullptr;

    const Object& object() const { return *entry->object; }
};

struct FindOperation {
    std::vector<CK_OBJECT_HANDLE> found;
    std::size_t next = 0;
};

struct DigestOperation {
    Input input;
    Digest digest{};
    bool in_parts = false;
};

struct SignatureOperation {
    KeyRef key;
    SignatureCall call;
    Input input;
    bool in_parts = false;
    bool recover = false;
};

struct CipherOperation {
    KeyRef key;
    DecipherMechanism mechanism{};
    Bytes input;
    bool in_parts = false;
    /// The plain text, where the application's buffer was too small for it: the card is not asked twice.
    std::optional<SecureBuffer> result;
};

struct Session {
    CK_SLOT_ID slot = 0;
    std::string token; ///< Token::id
    bool read_write = false;

    std::optional<FindOperation> find;
    std::optional<DigestOperation> digest;
    std::optional<SignatureOperation> sign;
    std::optional<SignatureOperation> verify;
    std::optional<CipherOperation> decrypt;
    std::optional<CipherOperation> encrypt;
    std::map<CK_OBJECT_HANDLE, std::shared_ptr<const SecretKey>> secrets;

    /// Whether something is under way that wants its PIN presented just before (CKU_CONTEXT_SPECIFIC).
    bool wants_context_login() const;
};

} // namespace digisign::pkcs11
