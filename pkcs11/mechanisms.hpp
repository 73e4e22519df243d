// SPDX-License-Identifier: LGPL-2.1-or-later
// CK_MECHANISM_TYPE and what it means to digisignd; what a slot's keys make possible.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "pkcs11/cryptoki.hpp"
#include "pkcs11/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace digisign::pkcs11 {

/// CKA_SIGN: by its usage and its mechanisms. Of a public key, whether its private key can.
bool can_sign(const Object& key);
/// CKA_SIGN_RECOVER: the data that C_Sign takes as it is, a DigestInfo, is also what comes out again.
bool can_sign_with_recovery(const Object& key);

/// What the key can do; CKA_ALLOWED_MECHANISMS. Of a public key: what undoes or checks what its private key
/// does.
std::vector<CK_MECHANISM_TYPE> mechanisms_of(const Object& key);

/// Of C_GetMechanismList, in a fixed order: those of the keys in the slot, and the digests, which digisignd
/// computes in software. `objects` are those of the slot. A mechanism that none of the keys signs, deciphers
/// or derives with is not there, though digisignd could check such signatures: programs take what is listed
/// for what can be signed with.
std::vector<CK_MECHANISM_TYPE> mechanisms_of(std::span<const Object* const> objects);

/// Of C_GetMechanismInfo; empty for what mechanisms_of() does not list. CKF_HW for what the card itself does;
/// key sizes of RSA and EC in bits, as they are in the slot.
std::optional<CK_MECHANISM_INFO> mechanism_info(CK_MECHANISM_TYPE type,
                                                std::span<const Object* const> objects);

/// What C_SignInit and C_VerifyInit ask for.
struct SignatureCall {
    SignatureMechanism mechanism{};
    bool digested = false; ///< the application hands over the digest (or, without one, the data) itself
};

/// `key` is a private or a public one. Throws Fault: CKR_KEY_TYPE_INCONSISTENT; CKR_MECHANISM_INVALID, also
/// for what just this key cannot do; CKR_MECHANISM_PARAM_INVALID (PSS other than MGF1 with the same digest
/// and a salt as long as it).
SignatureCall read_signature_mechanism(const CK_MECHANISM& mechanism, const Object& key);

/// What C_DecryptInit, C_EncryptInit and C_UnwrapKey ask for. Throws as above; OAEP only with MGF1 of the
/// same digest and an empty label.
DecipherMechanism read_decipher_mechanism(const CK_MECHANISM& mechanism, const Object& key);

/// What C_DigestInit asks for. Throws Fault: CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID.
Digest read_digest_mechanism(const CK_MECHANISM& mechanism);

/// What C_DeriveKey asks for: CKM_ECDH1_DERIVE, and CKM_ECDH1_COFACTOR_DERIVE, which is the same on these
/// curves.
struct DeriveCall {
    Bytes peer_point;          ///< 04‖X‖Y, also if it was given inside an OCTET STRING
    Digest kdf = Digest::None; ///< of ANSI X9.63; None for CKD_NULL
    Bytes shared_info;
};

/// Throws as above.
DeriveCall read_derive_mechanism(const CK_MECHANISM& mechanism, const Object& key);

} // namespace digisign::pkcs11
