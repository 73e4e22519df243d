// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners for the OpenSSL objects in use. Included by .cpp files of this folder and by tests only, so that
// OpenSSL's headers stay here.

#pragma once

#include "common/bytes.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace digisign::crypto {

template <auto free_function>
struct OpensslDeleter {
    template <typename T>
    void operator()(T* object) const {
        free_function(object);
    }
};

template <typename T, auto free_function>
using OpensslPtr = std::unique_ptr<T, OpensslDeleter<free_function>>;

using BignumPtr = OpensslPtr<BIGNUM, BN_free>;
using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using EcdsaSignaturePtr = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;
using EvpPkeyCtxPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpPkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using KeyPurposesPtr = OpensslPtr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using OctetStringPtr = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;

/// Runs an i2d_ function: the DER form of an object; empty if OpenSSL fails.
template <auto i2d, typename T>
Bytes to_der(T* object) {
    unsigned char* buffer = nullptr;
    const int length = i2d(object, &buffer);
    if (length < 0)
        return {};
    Bytes der(buffer, buffer + length);
    OPENSSL_free(buffer);
    return der;
}

} // namespace digisign::crypto
