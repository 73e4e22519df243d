// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/key_derivation.hpp"

#include "common/error.hpp"
#include "daemon/crypto/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <string>

namespace digisign::crypto {

namespace {

using KdfPtr = OpensslPtr<EVP_KDF, EVP_KDF_free>;
using KdfCtxPtr = OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free>;

OSSL_PARAM octets(const char* name, ByteView bytes) {
    // OpenSSL has one type for parameters in both directions; these are only read.
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

} // namespace

SecureBuffer derive_x963(Digest digest, ByteView shared_secret, ByteView shared_info, std::size_t length) {
    if (length == 0)
        throw Error(ErrorCode::InvalidArgument, "a derived key has to have a length");
    std::string digest_text(digest_name(digest));
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_text.data(), digest_text.size()),
        octets(OSSL_KDF_PARAM_KEY, shared_secret), octets(OSSL_KDF_PARAM_INFO, shared_info),
        OSSL_PARAM_construct_end()};
    const KdfPtr kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_X963KDF, nullptr));
    const KdfCtxPtr context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    SecureBuffer key(length);
    const bool done = context && EVP_KDF_derive(context.get(), key.data(), length, parameters.data()) == 1;
    ERR_clear_error();
    if (!done)
        throw Error(ErrorCode::Internal, "OpenSSL cannot derive a key");
    key.set_size(length);
    return key;
}

} // namespace digisign::crypto
