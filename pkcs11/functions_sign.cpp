// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing and verification functions, PKCS#11 3.0 sections 5.11 to 5.16.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/operation.hpp"

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

/// RSA: as long as the modulus. ECDSA: r‖s, each as long as the field.
std::size_t signature_size(const Object& key) {
    return key.algorithm == KeyAlgorithm::Rsa ? modulus_size(key) : 2 * modulus_size(key);
}

SignatureOperation new_operation(Module& module, CK_SESSION_HANDLE session, const CK_MECHANISM& mechanism,
                                 CK_OBJECT_HANDLE key_handle, ObjectKind kind) {
    KeyRef key = find_key(module, session, key_handle, kind);
    const SignatureCall call = read_signature_mechanism(mechanism, key.object());
    Input input(module.service(), call.digested ? Digest::None : call.mechanism.digest);
    return {std::move(key), call, std::move(input)};
}

/// Only mechanisms with their own digest are made for pieces, but programs do it with the others as well.
Service::SignatureInput finish_input(SignatureOperation& operation) {
    Input::Taken taken = operation.input.take();
    SignatureCall call = operation.call;
    call.digested = call.digested || taken.digested;
    Service::SignatureInput input;
    input.mechanism = mechanism_name(call.mechanism);
    input.digested = call.digested;
    input.data = std::move(taken.data);
    return input;
}

Bytes sign(Module& module, SignatureOperation& operation) {
    const Service::SignatureInput input = finish_input(operation);
    return use_key(module, operation.key,
                   [&](const Object& key) { return module.service()->sign(key, input); });
}

void verify(Module& module, SignatureOperation& operation, ByteView signature) {
    if (signature.size() != signature_size(operation.key.object()))
        throw Fault{CKR_SIGNATURE_LEN_RANGE};
    module.service()->verify(operation.key.object(), finish_input(operation), signature);
}

void begin_signature(Module& module, CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                     CK_OBJECT_HANDLE key, bool recover) {
    if (mechanism == nullptr)
        return cancel_operation(module, session, &Session::sign);
    if (recover && mechanism->mechanism != CKM_RSA_PKCS)
        throw Fault{CKR_MECHANISM_INVALID};
    SignatureOperation operation = new_operation(module, session, *mechanism, key, ObjectKind::PrivateKey);
    if (!operation.key.entry->attributes.flag(recover ? CKA_SIGN_RECOVER : CKA_SIGN))
        throw Fault{CKR_KEY_FUNCTION_NOT_PERMITTED};
    operation.recover = recover;
    begin_operation(module, session, &Session::sign, std::move(operation));
}

/// C_Sign and C_SignRecover, which are the same: what is signed is in an RSA signature without a digest.
void sign_at_once(Module& module, CK_SESSION_HANDLE session, ByteView data, CK_BYTE_PTR signature,
                  CK_ULONG_PTR length, bool recover) {
    with_operation(module, session, &Session::sign, [&](SignatureOperation& operation) {
        if (operation.recover != recover || operation.in_parts)
            throw Fault{CKR_OPERATION_NOT_INITIALIZED};
        if (!has_room(signature_size(operation.key.object()), signature, length))
            return After::GoesOn;
        operation.input.add(data);
        copy_out<CK_BYTE>(sign(module, operation), signature, length);
        return After::Over;
    });
}

} // namespace

extern "C" {

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    return with_module(
        [&](Module& module) { begin_signature(module, session, mechanism, key, /*recover=*/false); });
}

CK_RV C_Sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR signature,
             CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        sign_at_once(module, session, view_of(data, data_length), signature, length, /*recover=*/false);
    });
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::sign, [&](SignatureOperation& operation) {
            if (operation.recover)
                throw Fault{CKR_OPERATION_NOT_INITIALIZED};
            operation.in_parts = true;
            operation.input.add(view_of(part, length));
            return After::GoesOn;
        });
    });
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::sign, [&](SignatureOperation& operation) {
            if (operation.recover)
                throw Fault{CKR_OPERATION_NOT_INITIALIZED};
            operation.in_parts = true;
            if (!has_room(signature_size(operation.key.object()), signature, length))
                return After::GoesOn;
            copy_out<CK_BYTE>(sign(module, operation), signature, length);
            return After::Over;
        });
    });
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    return with_module(
        [&](Module& module) { begin_signature(module, session, mechanism, key, /*recover=*/true); });
}

CK_RV C_SignRecover(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR signature,
                    CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        sign_at_once(module, session, view_of(data, data_length), signature, length, /*recover=*/true);
    });
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    return with_module([&](Module& module) {
        if (mechanism == nullptr)
            return cancel_operation(module, session, &Session::verify);
        SignatureOperation operation = new_operation(module, session, *mechanism, key, ObjectKind::PublicKey);
        if (!operation.key.entry->attributes.flag(CKA_VERIFY))
            throw Fault{CKR_KEY_FUNCTION_NOT_PERMITTED};
        begin_operation(module, session, &Session::verify, std::move(operation));
    });
}

CK_RV C_Verify(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR signature,
               CK_ULONG length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::verify, [&](SignatureOperation& operation) {
            if (operation.in_parts)
                throw Fault{CKR_OPERATION_NOT_INITIALIZED};
            operation.input.add(view_of(data, data_length));
            verify(module, operation, view_of(signature, length));
            return After::Over;
        });
    });
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::verify, [&](SignatureOperation& operation) {
            operation.in_parts = true;
            operation.input.add(view_of(part, length));
            return After::GoesOn;
        });
    });
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::verify, [&](SignatureOperation& operation) {
            verify(module, operation, view_of(signature, length));
            return After::Over;
        });
    });
}

} // extern "C"
