// SPDX-License-Identifier: LGPL-2.1-or-later
// Key management functions, PKCS#11 3.0 section 5.18. Cards make secrets (ECDH, RSA) that the application
// then uses itself.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/operation.hpp"

#include <limits>

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

SecretKeyTemplate read_template(CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
    if (attributes == nullptr && count != 0)
        throw Fault{CKR_ARGUMENTS_BAD};
    return read_secret_key_template({attributes, count});
}

KeyRef permitted_key(Module& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                     CK_ATTRIBUTE_TYPE permission) {
    KeyRef key = find_key(module, session, handle, ObjectKind::PrivateKey);
    if (!key.entry->attributes.flag(permission))
        throw Fault{CKR_KEY_FUNCTION_NOT_PERMITTED};
    return key;
}

} // namespace

extern "C" {

CK_RV C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE base_key,
                  CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR key) {
    return with_module([&](Module& module) {
        require(mechanism);
        require(key);
        const KeyRef base = permitted_key(module, session, base_key, CKA_DERIVE);
        DeriveCall call = read_derive_mechanism(*mechanism, base.object());
        SecretKeyTemplate wanted = read_template(attributes, count);
        if (wanted.length.value_or(0) > std::numeric_limits<std::uint16_t>::max())
            throw Fault{CKR_KEY_SIZE_RANGE};
        const Service::Derivation derivation{std::move(call.peer_point), call.kdf,
                                             std::move(call.shared_info),
                                             static_cast<std::uint32_t>(wanted.length.value_or(0))};
        SecureBuffer secret = use_key(
            module, base, [&](const Object& object) { return module.service()->derive(object, derivation); });
        *key = module.sessions().add_secret(session, SecretKey(std::move(wanted), std::move(secret)));
    });
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE unwrapping_key,
                  CK_BYTE_PTR wrapped, CK_ULONG wrapped_length, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                  CK_OBJECT_HANDLE_PTR key) {
    return with_module([&](Module& module) {
        require(mechanism);
        require(key);
        const KeyRef unwrapping = permitted_key(module, session, unwrapping_key, CKA_UNWRAP);
        const DecipherMechanism decipher = read_decipher_mechanism(*mechanism, unwrapping.object());
        const ByteView cryptogram = view_of(wrapped, wrapped_length);
        if (cryptogram.size() != modulus_size(unwrapping.object()))
            throw Fault{CKR_WRAPPED_KEY_LEN_RANGE};
        SecretKeyTemplate wanted = read_template(attributes, count);
        SecureBuffer secret = use_key(module, unwrapping, [&](const Object& object) {
            return module.service()->decrypt(object, mechanism_name(decipher), cryptogram);
        });
        if (wanted.length && *wanted.length != secret.size())
            throw Fault{CKR_WRAPPED_KEY_INVALID};
        *key = module.sessions().add_secret(session, SecretKey(std::move(wanted), std::move(secret)));
    });
}

} // extern "C"
