// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pkcs11/functions.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace digisign::test {

namespace {

// Kinds of functions by what they need.

Function anywhere(const char* name, CK_RV value, std::function<CK_RV(Context&)> call) {
    return {name, std::move(call), value, value, value, value, value};
}

Function with_token(const char* name, CK_RV value, std::function<CK_RV(Context&)> call) {
    return {name,  std::move(call), CKR_SLOT_ID_INVALID,  CKR_TOKEN_NOT_PRESENT,
            value, value,           CKR_TOKEN_NOT_PRESENT};
}

Function with_session(
    const char* name, CK_RV value, CK_RV with_blocked_pin, std::function<CK_RV(Context&)> call,
    std::function<void(Context&)> prepare = [](Context&) {}) {
    return {name,  std::move(call),  CKR_SESSION_HANDLE_INVALID, CKR_SESSION_HANDLE_INVALID,
            value, with_blocked_pin, CKR_SESSION_HANDLE_INVALID, std::move(prepare)};
}

Function unsupported(const char* name, std::function<CK_RV(Context&)> call) {
    return with_session(name, CKR_FUNCTION_NOT_SUPPORTED, CKR_FUNCTION_NOT_SUPPORTED, std::move(call));
}

// What the calls have in common.

CK_MECHANISM plain(CK_MECHANISM_TYPE type) {
    return {type, nullptr, 0};
}

CK_MECHANISM rsa = plain(CKM_RSA_PKCS);
CK_MECHANISM ecdsa = plain(CKM_ECDSA);
CK_MECHANISM sha256 = plain(CKM_SHA256);
CK_MECHANISM sha256_rsa = plain(CKM_SHA256_RSA_PKCS);
Bytes message(32, 0x5A);
/// DigestInfo of SHA-256 with `message` for the digest, RFC 8017 section 9.2.
Bytes digest_info = [] {
    Bytes bytes{0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    append(bytes, message);
    return bytes;
}();

CK_UTF8CHAR* text(std::string_view pin) { // it is not written to
    return const_cast<CK_UTF8CHAR*>(reinterpret_cast<const CK_UTF8CHAR*>(pin.data()));
}

CK_RV log_in(Context& c, CK_USER_TYPE user, std::string_view pin) {
    return c.p11.C_Login(c.session, user, text(pin), pin.size());
}

void begin_find(Context& c) {
    (void)c.p11.C_FindObjectsInit(c.session, nullptr, 0);
}
void begin_digest(Context& c) {
    (void)c.p11.C_DigestInit(c.session, &sha256);
}
void begin_encrypt(Context& c) {
    (void)c.p11.C_EncryptInit(c.session, &rsa, c.rsa_public);
}
void begin_ecdsa(Context& c) {
    (void)c.p11.C_SignInit(c.session, &ecdsa, c.ec_private);
}
void begin_sign_parts(Context& c) {
    (void)c.p11.C_SignInit(c.session, &sha256_rsa, c.rsa_private);
    (void)c.p11.C_SignUpdate(c.session, message.data(), message.size());
}

/// Leaves the cryptogram in `result`.
void encrypt(Context& c) {
    begin_encrypt(c);
    (void)c.p11.C_Encrypt(c.session, message.data(), message.size(), c.result.data(), &c.length);
}

void begin_decrypt(Context& c) {
    encrypt(c);
    (void)c.p11.C_DecryptInit(c.session, &rsa, c.rsa_private);
}

void begin_decrypt_parts(Context& c) {
    begin_decrypt(c);
    CK_ULONG nothing = 0;
    Bytes room(512);
    (void)c.p11.C_DecryptUpdate(c.session, c.result.data(), c.length, room.data(), &nothing);
}

/// Leaves a signature in `result`, or as many zeros.
void begin_verify(Context& c) {
    begin_ecdsa(c);
    c.length = 64;
    (void)c.p11.C_Sign(c.session, message.data(), message.size(), c.result.data(), &c.length);
    (void)c.p11.C_VerifyInit(c.session, &ecdsa, c.ec_public);
}

CK_RV derive(Context& c) {
    CK_ECDH1_DERIVE_PARAMS parameters{};
    parameters.kdf = CKD_NULL;
    parameters.pPublicData = c.peer_point.data();
    parameters.ulPublicDataLen = c.peer_point.size();
    CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_HANDLE key = 0;
    return c.p11.C_DeriveKey(c.session, &mechanism, c.ec_private, nullptr, 0, &key);
}

CK_RV unwrap(Context& c) {
    CK_OBJECT_HANDLE key = 0;
    return c.p11.C_UnwrapKey(c.session, &rsa, c.rsa_private, c.result.data(), c.length, nullptr, 0, &key);
}

} // namespace

std::vector<Function> functions() {
    const auto no_such_key = CKR_KEY_HANDLE_INVALID;
    const auto not_begun = CKR_OPERATION_NOT_INITIALIZED;
    return {
        anywhere("C_Initialize", CKR_CRYPTOKI_ALREADY_INITIALIZED,
                 [](Context& c) { return c.p11.C_Initialize(nullptr); }),
        anywhere("C_GetInfo", CKR_OK,
                 [](Context& c) {
                     CK_INFO info{};
                     return c.p11.C_GetInfo(&info);
                 }),
        anywhere("C_GetFunctionList", CKR_OK,
                 [](Context& c) {
                     CK_FUNCTION_LIST* list = nullptr;
                     return c.p11.C_GetFunctionList(&list);
                 }),
        anywhere("C_GetSlotList", CKR_OK,
                 [](Context& c) { return c.p11.C_GetSlotList(CK_TRUE, nullptr, &c.length); }),
        {"C_GetSlotInfo",
         [](Context& c) {
             CK_SLOT_INFO info{};
             return c.p11.C_GetSlotInfo(c.slot, &info);
         },
         CKR_SLOT_ID_INVALID, CKR_OK, CKR_OK, CKR_OK, CKR_OK},
        with_token("C_GetTokenInfo", CKR_OK,
                   [](Context& c) {
                       CK_TOKEN_INFO info{};
                       return c.p11.C_GetTokenInfo(c.slot, &info);
                   }),
        with_token("C_GetMechanismList", CKR_OK,
                   [](Context& c) { return c.p11.C_GetMechanismList(c.slot, nullptr, &c.length); }),
        with_token("C_GetMechanismInfo", CKR_OK,
                   [](Context& c) {
                       CK_MECHANISM_INFO info{};
                       return c.p11.C_GetMechanismInfo(c.slot, CKM_RSA_PKCS, &info);
                   }),
        with_token("C_InitToken", CKR_FUNCTION_NOT_SUPPORTED,
                   [](Context& c) {
                       std::array<CK_UTF8CHAR, 32> label{};
                       return c.p11.C_InitToken(c.slot, text(puk1), puk1.size(), label.data());
                   }),
        with_session("C_SetPIN", CKR_OK, CKR_PIN_LOCKED,
                     [](Context& c) {
                         constexpr std::string_view other = "4321";
                         const CK_RV result =
                             c.p11.C_SetPIN(c.session, text(pin1), pin1.size(), text(other), other.size());
                         if (result == CKR_OK)
                             must(c.p11.C_SetPIN(c.session, text(other), other.size(), text(pin1),
                                                 pin1.size()),
                                  "C_SetPIN back");
                         return result;
                     }),
        with_token("C_OpenSession", CKR_OK,
                   [](Context& c) {
                       CK_SESSION_HANDLE session = 0;
                       return c.p11.C_OpenSession(c.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
                   }),
        with_session("C_CloseSession", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_CloseSession(c.session); }),
        {"C_CloseAllSessions", [](Context& c) { return c.p11.C_CloseAllSessions(c.slot); },
         CKR_SLOT_ID_INVALID, CKR_OK, CKR_OK, CKR_OK, CKR_OK},
        with_session("C_GetSessionInfo", CKR_OK, CKR_OK,
                     [](Context& c) {
                         CK_SESSION_INFO info{};
                         return c.p11.C_GetSessionInfo(c.session, &info);
                     }),
        unsupported("C_GetOperationState",
                    [](Context& c) { return c.p11.C_GetOperationState(c.session, nullptr, &c.length); }),
        unsupported(
            "C_SetOperationState",
            [](Context& c) { return c.p11.C_SetOperationState(c.session, c.result.data(), c.length, 0, 0); }),
        with_session(
            "C_Login", CKR_OK, CKR_PIN_LOCKED, [](Context& c) { return log_in(c, CKU_USER, pin1); },
            [](Context& c) { (void)c.p11.C_Logout(c.session); }),
        with_session("C_Logout", CKR_OK, CKR_USER_NOT_LOGGED_IN,
                     [](Context& c) { return c.p11.C_Logout(c.session); }),
        with_session("C_CreateObject", CKR_FUNCTION_NOT_SUPPORTED, CKR_FUNCTION_NOT_SUPPORTED,
                     [](Context& c) {
                         CK_OBJECT_CLASS kind = CKO_DATA;
                         CK_ATTRIBUTE attribute{CKA_CLASS, &kind, sizeof kind};
                         CK_OBJECT_HANDLE object = 0;
                         return c.p11.C_CreateObject(c.session, &attribute, 1, &object);
                     }),
        with_session("C_CopyObject", CKR_ACTION_PROHIBITED, CKR_ACTION_PROHIBITED,
                     [](Context& c) {
                         CK_OBJECT_HANDLE object = 0;
                         return c.p11.C_CopyObject(c.session, c.certificate, nullptr, 0, &object);
                     }),
        with_session("C_DestroyObject", CKR_ACTION_PROHIBITED, CKR_ACTION_PROHIBITED,
                     [](Context& c) { return c.p11.C_DestroyObject(c.session, c.certificate); }),
        with_session("C_GetObjectSize", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_GetObjectSize(c.session, c.certificate, &c.length); }),
        with_session("C_GetAttributeValue", CKR_OK, CKR_OK,
                     [](Context& c) {
                         CK_ATTRIBUTE attribute{CKA_VALUE, nullptr, 0};
                         return c.p11.C_GetAttributeValue(c.session, c.certificate, &attribute, 1);
                     }),
        with_session("C_SetAttributeValue", CKR_ACTION_PROHIBITED, CKR_ACTION_PROHIBITED,
                     [](Context& c) {
                         CK_ATTRIBUTE attribute{CKA_LABEL, c.result.data(), 1};
                         return c.p11.C_SetAttributeValue(c.session, c.certificate, &attribute, 1);
                     }),
        with_session("C_FindObjectsInit", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_FindObjectsInit(c.session, nullptr, 0); }),
        with_session(
            "C_FindObjects", CKR_OK, CKR_OK,
            [](Context& c) {
                CK_OBJECT_HANDLE object = 0;
                return c.p11.C_FindObjects(c.session, &object, 1, &c.length);
            },
            begin_find),
        with_session(
            "C_FindObjectsFinal", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_FindObjectsFinal(c.session); }, begin_find),
        with_session("C_EncryptInit", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_EncryptInit(c.session, &rsa, c.rsa_public); }),
        with_session(
            "C_Encrypt", CKR_OK, CKR_OK,
            [](Context& c) {
                return c.p11.C_Encrypt(c.session, message.data(), message.size(), c.result.data(), &c.length);
            },
            begin_encrypt),
        with_session(
            "C_EncryptUpdate", CKR_OK, CKR_OK,
            [](Context& c) {
                return c.p11.C_EncryptUpdate(c.session, message.data(), message.size(), c.result.data(),
                                             &c.length);
            },
            begin_encrypt),
        with_session(
            "C_EncryptFinal", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_EncryptFinal(c.session, c.result.data(), &c.length); },
            begin_encrypt),
        with_session("C_DecryptInit", CKR_OK, no_such_key,
                     [](Context& c) { return c.p11.C_DecryptInit(c.session, &rsa, c.rsa_private); }),
        with_session(
            "C_Decrypt", CKR_OK, not_begun,
            [](Context& c) {
                Bytes room(512);
                CK_ULONG length = room.size();
                const CK_RV result =
                    c.p11.C_Decrypt(c.session, c.result.data(), c.length, room.data(), &length);
                if (result == CKR_OK) {
                    room.resize(length);
                    CHECK(room == message);
                }
                return result;
            },
            begin_decrypt),
        with_session(
            "C_DecryptUpdate", CKR_OK, not_begun,
            [](Context& c) {
                CK_ULONG length = 512;
                Bytes room(length);
                return c.p11.C_DecryptUpdate(c.session, c.result.data(), c.length, room.data(), &length);
            },
            begin_decrypt),
        with_session(
            "C_DecryptFinal", CKR_OK, not_begun,
            [](Context& c) { return c.p11.C_DecryptFinal(c.session, c.result.data(), &c.length); },
            begin_decrypt_parts),
        with_session("C_DigestInit", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_DigestInit(c.session, &sha256); }),
        with_session(
            "C_Digest", CKR_OK, CKR_OK,
            [](Context& c) {
                return c.p11.C_Digest(c.session, message.data(), message.size(), c.result.data(), &c.length);
            },
            begin_digest),
        with_session(
            "C_DigestUpdate", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_DigestUpdate(c.session, message.data(), message.size()); },
            begin_digest),
        with_session(
            "C_DigestKey", CKR_KEY_INDIGESTIBLE, CKR_KEY_INDIGESTIBLE,
            [](Context& c) { return c.p11.C_DigestKey(c.session, c.rsa_private); }, begin_digest),
        with_session(
            "C_DigestFinal", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_DigestFinal(c.session, c.result.data(), &c.length); },
            begin_digest),
        with_session("C_SignInit", CKR_OK, no_such_key,
                     [](Context& c) { return c.p11.C_SignInit(c.session, &ecdsa, c.ec_private); }),
        with_session(
            "C_Sign", CKR_OK, not_begun,
            [](Context& c) {
                return c.p11.C_Sign(c.session, message.data(), message.size(), c.result.data(), &c.length);
            },
            begin_ecdsa),
        with_session(
            "C_SignUpdate", CKR_OK, not_begun,
            [](Context& c) { return c.p11.C_SignUpdate(c.session, message.data(), message.size()); },
            begin_ecdsa),
        with_session(
            "C_SignFinal", CKR_OK, not_begun,
            [](Context& c) { return c.p11.C_SignFinal(c.session, c.result.data(), &c.length); },
            begin_sign_parts),
        with_session("C_SignRecoverInit", CKR_OK, no_such_key,
                     [](Context& c) { return c.p11.C_SignRecoverInit(c.session, &rsa, c.rsa_private); }),
        with_session(
            "C_SignRecover", CKR_OK, not_begun,
            [](Context& c) {
                return c.p11.C_SignRecover(c.session, digest_info.data(), digest_info.size(), c.result.data(),
                                           &c.length);
            },
            [](Context& c) { (void)c.p11.C_SignRecoverInit(c.session, &rsa, c.rsa_private); }),
        with_session("C_VerifyInit", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_VerifyInit(c.session, &ecdsa, c.ec_public); }),
        with_session(
            "C_Verify", CKR_OK, CKR_SIGNATURE_INVALID,
            [](Context& c) {
                return c.p11.C_Verify(c.session, message.data(), message.size(), c.result.data(), 64);
            },
            begin_verify),
        with_session(
            "C_VerifyUpdate", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_VerifyUpdate(c.session, message.data(), message.size()); },
            begin_verify),
        with_session(
            "C_VerifyFinal", CKR_OK, CKR_SIGNATURE_INVALID,
            [](Context& c) { return c.p11.C_VerifyFinal(c.session, c.result.data(), 64); },
            [](Context& c) {
                begin_verify(c);
                (void)c.p11.C_VerifyUpdate(c.session, message.data(), message.size());
            }),
        unsupported("C_VerifyRecoverInit",
                    [](Context& c) { return c.p11.C_VerifyRecoverInit(c.session, &rsa, c.rsa_public); }),
        unsupported("C_VerifyRecover",
                    [](Context& c) {
                        return c.p11.C_VerifyRecover(c.session, c.result.data(), 256, c.result.data(),
                                                     &c.length);
                    }),
        unsupported("C_DigestEncryptUpdate",
                    [](Context& c) {
                        return c.p11.C_DigestEncryptUpdate(c.session, message.data(), 1, c.result.data(),
                                                           &c.length);
                    }),
        unsupported("C_DecryptDigestUpdate",
                    [](Context& c) {
                        return c.p11.C_DecryptDigestUpdate(c.session, message.data(), 1, c.result.data(),
                                                           &c.length);
                    }),
        unsupported("C_SignEncryptUpdate",
                    [](Context& c) {
                        return c.p11.C_SignEncryptUpdate(c.session, message.data(), 1, c.result.data(),
                                                         &c.length);
                    }),
        unsupported("C_DecryptVerifyUpdate",
                    [](Context& c) {
                        return c.p11.C_DecryptVerifyUpdate(c.session, message.data(), 1, c.result.data(),
                                                           &c.length);
                    }),
        unsupported("C_GenerateKey",
                    [](Context& c) {
                        CK_MECHANISM mechanism = plain(CKM_AES_KEY_GEN);
                        CK_OBJECT_HANDLE key = 0;
                        return c.p11.C_GenerateKey(c.session, &mechanism, nullptr, 0, &key);
                    }),
        unsupported("C_GenerateKeyPair",
                    [](Context& c) {
                        CK_MECHANISM mechanism = plain(CKM_RSA_PKCS_KEY_PAIR_GEN);
                        std::array<CK_OBJECT_HANDLE, 2> keys{};
                        return c.p11.C_GenerateKeyPair(c.session, &mechanism, nullptr, 0, nullptr, 0,
                                                       &keys[0], &keys[1]);
                    }),
        unsupported("C_WrapKey",
                    [](Context& c) {
                        return c.p11.C_WrapKey(c.session, &rsa, c.rsa_public, c.rsa_private, c.result.data(),
                                               &c.length);
                    }),
        with_session("C_UnwrapKey", CKR_OK, no_such_key, unwrap, encrypt),
        with_session("C_DeriveKey", CKR_OK, no_such_key, derive),
        with_session(
            "C_SeedRandom", CKR_RANDOM_SEED_NOT_SUPPORTED, CKR_RANDOM_SEED_NOT_SUPPORTED,
            [](Context& c) { return c.p11.C_SeedRandom(c.session, message.data(), message.size()); }),
        with_session("C_GenerateRandom", CKR_OK, CKR_OK,
                     [](Context& c) { return c.p11.C_GenerateRandom(c.session, c.result.data(), 512); }),
        with_session("C_GetFunctionStatus", CKR_FUNCTION_NOT_PARALLEL, CKR_FUNCTION_NOT_PARALLEL,
                     [](Context& c) { return c.p11.C_GetFunctionStatus(c.session); }),
        with_session("C_CancelFunction", CKR_FUNCTION_NOT_PARALLEL, CKR_FUNCTION_NOT_PARALLEL,
                     [](Context& c) { return c.p11.C_CancelFunction(c.session); }),
        {"C_WaitForSlotEvent",
         [](Context& c) {
             CK_SLOT_ID slot = 0;
             return c.p11.C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr);
         },
         CKR_NO_EVENT, CKR_NO_EVENT, CKR_NO_EVENT, CKR_NO_EVENT, CKR_OK},

        // 3.0
        anywhere("C_GetInterfaceList", CKR_OK,
                 [](Context& c) { return c.p11.C_GetInterfaceList(nullptr, &c.length); }),
        anywhere("C_GetInterface", CKR_OK,
                 [](Context& c) {
                     CK_INTERFACE* interface = nullptr;
                     return c.p11.C_GetInterface(nullptr, nullptr, &interface, 0);
                 }),
        with_session(
            "C_LoginUser", CKR_OK, CKR_PIN_LOCKED,
            [](Context& c) {
                return c.p11.C_LoginUser(c.session, CKU_USER, text(pin1), pin1.size(), nullptr, 0);
            },
            [](Context& c) { (void)c.p11.C_Logout(c.session); }),
        with_session(
            "C_SessionCancel", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_SessionCancel(c.session, CKF_DIGEST); }, begin_digest),
        unsupported("C_MessageEncryptInit",
                    [](Context& c) { return c.p11.C_MessageEncryptInit(c.session, &rsa, c.rsa_public); }),
        unsupported("C_EncryptMessage",
                    [](Context& c) {
                        return c.p11.C_EncryptMessage(c.session, nullptr, 0, nullptr, 0, message.data(), 1,
                                                      c.result.data(), &c.length);
                    }),
        unsupported(
            "C_EncryptMessageBegin",
            [](Context& c) { return c.p11.C_EncryptMessageBegin(c.session, nullptr, 0, nullptr, 0); }),
        unsupported("C_EncryptMessageNext",
                    [](Context& c) {
                        return c.p11.C_EncryptMessageNext(c.session, nullptr, 0, message.data(), 1,
                                                          c.result.data(), &c.length, 0);
                    }),
        unsupported("C_MessageEncryptFinal",
                    [](Context& c) { return c.p11.C_MessageEncryptFinal(c.session); }),
        unsupported("C_MessageDecryptInit",
                    [](Context& c) { return c.p11.C_MessageDecryptInit(c.session, &rsa, c.rsa_private); }),
        unsupported("C_DecryptMessage",
                    [](Context& c) {
                        return c.p11.C_DecryptMessage(c.session, nullptr, 0, nullptr, 0, message.data(), 1,
                                                      c.result.data(), &c.length);
                    }),
        unsupported(
            "C_DecryptMessageBegin",
            [](Context& c) { return c.p11.C_DecryptMessageBegin(c.session, nullptr, 0, nullptr, 0); }),
        unsupported("C_DecryptMessageNext",
                    [](Context& c) {
                        return c.p11.C_DecryptMessageNext(c.session, nullptr, 0, message.data(), 1,
                                                          c.result.data(), &c.length, 0);
                    }),
        unsupported("C_MessageDecryptFinal",
                    [](Context& c) { return c.p11.C_MessageDecryptFinal(c.session); }),
        unsupported("C_MessageSignInit",
                    [](Context& c) { return c.p11.C_MessageSignInit(c.session, &ecdsa, c.ec_private); }),
        unsupported("C_SignMessage",
                    [](Context& c) {
                        return c.p11.C_SignMessage(c.session, nullptr, 0, message.data(), 1, c.result.data(),
                                                   &c.length);
                    }),
        unsupported("C_SignMessageBegin",
                    [](Context& c) { return c.p11.C_SignMessageBegin(c.session, nullptr, 0); }),
        unsupported("C_SignMessageNext",
                    [](Context& c) {
                        return c.p11.C_SignMessageNext(c.session, nullptr, 0, message.data(), 1,
                                                       c.result.data(), &c.length);
                    }),
        unsupported("C_MessageSignFinal", [](Context& c) { return c.p11.C_MessageSignFinal(c.session); }),
        unsupported("C_MessageVerifyInit",
                    [](Context& c) { return c.p11.C_MessageVerifyInit(c.session, &ecdsa, c.ec_public); }),
        unsupported("C_VerifyMessage",
                    [](Context& c) {
                        return c.p11.C_VerifyMessage(c.session, nullptr, 0, message.data(), 1,
                                                     c.result.data(), 64);
                    }),
        unsupported("C_VerifyMessageBegin",
                    [](Context& c) { return c.p11.C_VerifyMessageBegin(c.session, nullptr, 0); }),
        unsupported("C_VerifyMessageNext",
                    [](Context& c) {
                        return c.p11.C_VerifyMessageNext(c.session, nullptr, 0, message.data(), 1,
                                                         c.result.data(), 64);
                    }),
        unsupported("C_MessageVerifyFinal", [](Context& c) { return c.p11.C_MessageVerifyFinal(c.session); }),

        // It ends what made the situation: the PIN is not blocked any more.
        with_session(
            "C_InitPIN", CKR_OK, CKR_OK,
            [](Context& c) { return c.p11.C_InitPIN(c.session, text(pin1), pin1.size()); },
            [](Context& c) {
                (void)c.p11.C_Logout(c.session);
                (void)log_in(c, CKU_SO, puk1);
            }),
        anywhere("C_Finalize", CKR_OK, [](Context& c) { return c.p11.C_Finalize(nullptr); }),
    };
}

Context make_context(const Host& host, CK_SLOT_ID slot) {
    Context context{host.functions(), slot, host.open_session(slot)};
    (void)host.log_in(context.session); // or the PIN is blocked, or somebody is
    context.certificate = host.find(context.session, CKO_CERTIFICATE);
    context.rsa_public = host.find_key(context.session, CKO_PUBLIC_KEY, CKK_RSA);
    context.ec_public = host.find_key(context.session, CKO_PUBLIC_KEY, CKK_EC);
    context.rsa_private = host.find_key(context.session, CKO_PRIVATE_KEY, CKK_RSA);
    context.ec_private = host.find_key(context.session, CKO_PRIVATE_KEY, CKK_EC);
    context.peer_point = host.attribute(context.session, context.ec_public, CKA_EC_POINT);
    return context;
}

} // namespace digisign::test
