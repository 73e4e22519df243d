// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/public_key.hpp"

#include "daemon/crypto/ecdsa_signature.hpp"
#include "daemon/crypto/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

namespace digisign::crypto {

namespace {

EvpPkeyPtr decode(ByteView spki) {
    const unsigned char* position = spki.data();
    EvpPkeyPtr key(d2i_PUBKEY(nullptr, &position, static_cast<long>(spki.size())));
    ERR_clear_error();
    return key;
}

std::string curve_name(EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1)
        return {};
    const std::string name(group.data(), length);
    if (const char* nist = EC_curve_nid2nist(OBJ_sn2nid(name.c_str())))
        return nist;
    return name;
}

/// Empty where the key has no such number. `size` of 0: without leading zeros.
Bytes number_of(EVP_PKEY* key, const char* name, std::size_t size = 0) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        return {};
    const BignumPtr number(raw);
    Bytes bytes(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(raw)));
    if (BN_bn2binpad(raw, bytes.data(), static_cast<int>(bytes.size())) < 0)
        return {};
    return bytes;
}

/// From its coordinates: certificates may hold it compressed.
Bytes point_of(EVP_PKEY* key, unsigned field_bits) {
    const std::size_t field_size = (field_bits + 7u) / 8u;
    const Bytes x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, field_size);
    const Bytes y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, field_size);
    if (x.empty() || y.empty())
        return {};
    Bytes point{0x04};
    append(point, x);
    append(point, y);
    return point;
}

bool set_padding(EVP_PKEY_CTX* context, SignatureScheme scheme) {
    switch (scheme) {
    case SignatureScheme::Ecdsa:
        return true;
    case SignatureScheme::RsaPkcs1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    case SignatureScheme::RsaPss:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    }
    return false;
}

bool set_padding(EVP_PKEY_CTX* context, const DecipherMechanism& mechanism) {
    switch (mechanism.scheme) {
    case DecipherScheme::RsaPkcs1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    case DecipherScheme::RsaOaep: {
        const EVP_MD* md = EVP_get_digestbyname(std::string(digest_name(mechanism.digest)).c_str());
        return md != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_oaep_md(context, md) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) > 0;
    }
    }
    return false;
}

bool set_digest(EVP_PKEY_CTX* context, Digest digest) {
    if (digest == Digest::None)
        return true;
    const EVP_MD* md = EVP_get_digestbyname(std::string(digest_name(digest)).c_str());
    return md != nullptr && EVP_PKEY_CTX_set_signature_md(context, md) > 0;
}

} // namespace

PublicKey PublicKey::from_spki(ByteView der) {
    PublicKey result;
    const EvpPkeyPtr key = decode(der);
    if (!key)
        return result;
    result.spki_ = to_bytes(der);
    result.bits_ = static_cast<unsigned>(EVP_PKEY_get_bits(key.get()));
    const int type = EVP_PKEY_get_base_id(key.get());
    if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) {
        result.algorithm_ = PublicKeyAlgorithm::Rsa;
        result.modulus_ = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N);
        result.public_exponent_ = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
    } else if (type == EVP_PKEY_EC) {
        result.algorithm_ = PublicKeyAlgorithm::Ec;
        result.curve_ = curve_name(key.get());
        result.point_ = point_of(key.get(), result.bits_);
    }
    ERR_clear_error();
    return result;
}

std::size_t PublicKey::signature_size() const {
    const std::size_t bytes = (bits_ + 7u) / 8u;
    return algorithm_ == PublicKeyAlgorithm::Ec ? 2 * bytes : bytes;
}

bool PublicKey::verify(const SignatureMechanism& mechanism, ByteView data, ByteView signature) const {
    const bool is_ecdsa = mechanism.scheme == SignatureScheme::Ecdsa;
    const auto wanted = is_ecdsa ? PublicKeyAlgorithm::Ec : PublicKeyAlgorithm::Rsa;
    if (algorithm_ != wanted || signature.size() != signature_size())
        return false;
    Bytes encoded = to_bytes(signature);
    if (is_ecdsa) {
        const auto der = ecdsa_raw_to_der(signature);
        if (!der)
            return false;
        encoded = *der;
    }
    const EvpPkeyPtr key = decode(spki_);
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    const bool valid =
        context && EVP_PKEY_verify_init(context.get()) > 0 && set_padding(context.get(), mechanism.scheme) &&
        set_digest(context.get(), mechanism.digest) &&
        EVP_PKEY_verify(context.get(), encoded.data(), encoded.size(), data.data(), data.size()) == 1;
    ERR_clear_error();
    return valid;
}

std::optional<Bytes> PublicKey::encrypt(const DecipherMechanism& mechanism, ByteView plain_text) const {
    if (algorithm_ != PublicKeyAlgorithm::Rsa)
        return std::nullopt;
    const EvpPkeyPtr key = decode(spki_);
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    Bytes cryptogram((bits_ + 7u) / 8u);
    std::size_t size = cryptogram.size();
    const bool done =
        context && EVP_PKEY_encrypt_init(context.get()) > 0 && set_padding(context.get(), mechanism) &&
        EVP_PKEY_encrypt(context.get(), cryptogram.data(), &size, plain_text.data(), plain_text.size()) > 0;
    ERR_clear_error();
    if (!done || size != cryptogram.size())
        return std::nullopt;
    return cryptogram;
}

} // namespace digisign::crypto
