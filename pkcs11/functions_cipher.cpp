// SPDX-License-Identifier: LGPL-2.1-or-later
// Encryption and decryption functions, PKCS#11 3.0 sections 5.8 and 5.10: RSA, one block.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/operation.hpp"

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

using CipherMember = std::optional<CipherOperation> Session::*;

void begin_cipher(Module& module, CK_SESSION_HANDLE session, CipherMember member, CK_MECHANISM_PTR mechanism,
                  CK_OBJECT_HANDLE key_handle, ObjectKind kind, CK_ATTRIBUTE_TYPE permission) {
    if (mechanism == nullptr)
        return cancel_operation(module, session, member);
    CipherOperation operation;
    operation.key = find_key(module, session, key_handle, kind);
    operation.mechanism = read_decipher_mechanism(*mechanism, operation.key.object());
    if (!operation.key.entry->attributes.flag(permission))
        throw Fault{CKR_KEY_FUNCTION_NOT_PERMITTED};
    begin_operation(module, session, member, std::move(operation));
}

void add_part(CipherOperation& operation, ByteView part, CK_RV if_too_long) {
    if (part.size() > modulus_size(operation.key.object()) - operation.input.size())
        throw Fault{if_too_long};
    append(operation.input, part);
}

/// C_EncryptUpdate and C_DecryptUpdate give nothing before the end: an RSA block is made, and opened, as one.
void update(Module& module, CK_SESSION_HANDLE session, CipherMember member, ByteView part, CK_BYTE_PTR result,
            CK_ULONG_PTR length, CK_RV if_too_long) {
    with_operation(module, session, member, [&](CipherOperation& operation) {
        operation.in_parts = true;
        if (has_room(0, result, length))
            add_part(operation, part, if_too_long);
        return After::GoesOn;
    });
}

After encrypt(Module& module, CipherOperation& operation, ByteView plain_text, CK_BYTE_PTR result,
              CK_ULONG_PTR length) {
    const Object& key = operation.key.object();
    if (!has_room(modulus_size(key), result, length))
        return After::GoesOn;
    add_part(operation, plain_text, CKR_DATA_LEN_RANGE);
    copy_out<CK_BYTE>(module.service()->encrypt(key, mechanism_name(operation.mechanism), operation.input),
                      result, length);
    return After::Over;
}

/// How long the plain text is only the card tells; asked for the length, the answer is what it cannot exceed.
After decrypt(Module& module, CipherOperation& operation, ByteView cryptogram, CK_BYTE_PTR result,
              CK_ULONG_PTR length) {
    require(length);
    if (result == nullptr) {
        *length = operation.result ? operation.result->size() : modulus_size(operation.key.object());
        return After::GoesOn;
    }
    if (!operation.result) {
        add_part(operation, cryptogram, CKR_ENCRYPTED_DATA_LEN_RANGE);
        if (operation.input.size() != modulus_size(operation.key.object()))
            throw Fault{CKR_ENCRYPTED_DATA_LEN_RANGE};
        operation.result = use_key(module, operation.key, [&](const Object& key) {
            return module.service()->decrypt(key, mechanism_name(operation.mechanism), operation.input);
        });
    }
    copy_out<CK_BYTE>(operation.result->view(), result, length);
    return After::Over;
}

/// Runs `step` on an operation that is to be finished with one call.
template <class Step>
void at_once(Module& module, CK_SESSION_HANDLE session, CipherMember member, Step step) {
    with_operation(module, session, member, [&](CipherOperation& operation) {
        if (operation.in_parts)
            throw Fault{CKR_OPERATION_NOT_INITIALIZED};
        return step(operation);
    });
}

} // namespace

extern "C" {

CK_RV C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    return with_module([&](Module& module) {
        begin_cipher(module, session, &Session::encrypt, mechanism, key, ObjectKind::PublicKey, CKA_ENCRYPT);
    });
}

CK_RV C_Encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR encrypted,
                CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        at_once(module, session, &Session::encrypt, [&](CipherOperation& operation) {
            return encrypt(module, operation, view_of(data, data_length), encrypted, length);
        });
    });
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_length,
                      CK_BYTE_PTR encrypted, CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        update(module, session, &Session::encrypt, view_of(part, part_length), encrypted, length,
               CKR_DATA_LEN_RANGE);
    });
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::encrypt, [&](CipherOperation& operation) {
            return encrypt(module, operation, {}, encrypted, length);
        });
    });
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    return with_module([&](Module& module) {
        begin_cipher(module, session, &Session::decrypt, mechanism, key, ObjectKind::PrivateKey, CKA_DECRYPT);
    });
}

CK_RV C_Decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG encrypted_length, CK_BYTE_PTR data,
                CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        at_once(module, session, &Session::decrypt, [&](CipherOperation& operation) {
            return decrypt(module, operation, view_of(encrypted, encrypted_length), data, length);
        });
    });
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_length, CK_BYTE_PTR data,
                      CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        update(module, session, &Session::decrypt, view_of(part, part_length), data, length,
               CKR_ENCRYPTED_DATA_LEN_RANGE);
    });
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::decrypt, [&](CipherOperation& operation) {
            return decrypt(module, operation, {}, data, length);
        });
    });
}

} // extern "C"
