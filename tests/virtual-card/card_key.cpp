// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/card_key.hpp"

#include "common/error.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

namespace digisign::virtual_card {

namespace {

const EVP_MD* evp_digest(Digest digest) {
    switch (digest) {
    case Digest::None:
        return nullptr;
    case Digest::Sha1:
        return EVP_sha1();
    case Digest::Sha224:
        return EVP_sha224();
    case Digest::Sha256:
        return EVP_sha256();
    case Digest::Sha384:
        return EVP_sha384();
    case Digest::Sha512:
        return EVP_sha512();
    }
    return nullptr;
}

KeyContextPtr context_for(EVP_PKEY* key) {
    KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
    require(context != nullptr, "cannot use the key");
    return context;
}

/// Empty where OpenSSL refuses the data.
std::optional<Bytes> sign(EVP_PKEY_CTX* context, ByteView data) {
    std::size_t length = 0;
    require(EVP_PKEY_sign(context, nullptr, &length, data.data(), data.size()) > 0, "cannot sign");
    Bytes signature(length);
    if (EVP_PKEY_sign(context, signature.data(), &length, data.data(), data.size()) <= 0) {
        ERR_clear_error();
        return std::nullopt;
    }
    signature.resize(length);
    return signature;
}

Bytes sign_digest(EVP_PKEY_CTX* context, ByteView digest) {
    std::optional<Bytes> signature = sign(context, digest);
    require(signature.has_value(), "cannot sign the digest");
    return std::move(*signature);
}

KeyContextPtr rsa_signing_context(EVP_PKEY* key, int padding, Digest digest) {
    KeyContextPtr context = context_for(key);
    require(EVP_PKEY_sign_init(context.get()) > 0 && EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) > 0,
            "cannot sign with the RSA key");
    if (digest != Digest::None)
        require(EVP_PKEY_CTX_set_signature_md(context.get(), evp_digest(digest)) > 0,
                "cannot use the digest");
    return context;
}

} // namespace

CardKey CardKey::generate_rsa(unsigned bits) {
    EVP_PKEY* const key = EVP_RSA_gen(bits);
    require(key != nullptr, "cannot generate an RSA key");
    return CardKey(key);
}

CardKey CardKey::generate_ec(const char* curve) {
    EVP_PKEY* const key = EVP_EC_gen(curve);
    require(key != nullptr, "cannot generate an EC key");
    return CardKey(key);
}

CardKey CardKey::from_pem(const std::string& pem) {
    const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr);
    require(key != nullptr, "cannot read a private key");
    return CardKey(key);
}

std::string CardKey::to_pem() const {
    const BioPtr memory(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
                1,
            "cannot write the private key");
    return bio_text(memory.get());
}

bool CardKey::is_rsa() const {
    return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
}

unsigned CardKey::bits() const {
    return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get()));
}

std::size_t CardKey::size() const {
    return (bits() + 7) / 8;
}

Bytes CardKey::sign_pkcs1(Digest digest, ByteView value) const {
    return sign_digest(rsa_signing_context(key_.get(), RSA_PKCS1_PADDING, digest).get(), value);
}

Bytes CardKey::sign_pss(Digest digest, ByteView value) const {
    const KeyContextPtr context = rsa_signing_context(key_.get(), RSA_PKCS1_PSS_PADDING, digest);
    require(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) > 0, "cannot use PSS");
    return sign_digest(context.get(), value);
}

std::optional<Bytes> CardKey::sign_padded(ByteView data) const {
    return sign(rsa_signing_context(key_.get(), RSA_PKCS1_PADDING, Digest::None).get(), data);
}

std::optional<Bytes> CardKey::raw(ByteView block) const {
    if (block.size() != size())
        return std::nullopt;
    return sign(rsa_signing_context(key_.get(), RSA_NO_PADDING, Digest::None).get(), block);
}

Bytes CardKey::ecdsa_der(ByteView digest) const {
    const KeyContextPtr context = context_for(key_.get());
    require(EVP_PKEY_sign_init(context.get()) > 0, "cannot sign with the EC key");
    return sign_digest(context.get(), digest);
}

Bytes CardKey::ecdsa_plain(ByteView digest) const {
    const Bytes der = ecdsa_der(digest);
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    require(signature != nullptr, "cannot read back the ECDSA signature");
    Bytes plain(2 * size());
    const int width = static_cast<int>(size());
    require(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), plain.data(), width) == width &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), plain.data() + size(), width) == width,
            "the ECDSA signature is longer than the curve allows");
    return plain;
}

std::optional<Bytes> CardKey::decrypt(ByteView cryptogram, Digest oaep_digest) const {
    const KeyContextPtr context = context_for(key_.get());
    const int padding = oaep_digest == Digest::None ? RSA_PKCS1_PADDING : RSA_PKCS1_OAEP_PADDING;
    require(EVP_PKEY_decrypt_init(context.get()) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) > 0,
            "cannot decrypt with the RSA key");
    if (oaep_digest != Digest::None)
        require(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), evp_digest(oaep_digest)) > 0 &&
                    EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), evp_digest(oaep_digest)) > 0,
                "cannot use the digest for OAEP");
    std::size_t length = size();
    Bytes plain(length);
    if (EVP_PKEY_decrypt(context.get(), plain.data(), &length, cryptogram.data(), cryptogram.size()) <= 0) {
        ERR_clear_error();
        return std::nullopt;
    }
    plain.resize(length);
    return plain;
}

std::optional<Bytes> CardKey::derive(ByteView point) const {
    const KeyPtr peer(EVP_PKEY_new());
    require(peer != nullptr && EVP_PKEY_copy_parameters(peer.get(), key_.get()) == 1,
            "cannot copy the curve");
    if (EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    const KeyContextPtr context = context_for(key_.get());
    std::size_t length = 0;
    require(EVP_PKEY_derive_init(context.get()) > 0 &&
                EVP_PKEY_derive_set_peer(context.get(), peer.get()) > 0 &&
                EVP_PKEY_derive(context.get(), nullptr, &length) > 0,
            "cannot agree on a key");
    Bytes secret(length);
    require(EVP_PKEY_derive(context.get(), secret.data(), &length) > 0, "cannot agree on a key");
    secret.resize(length);
    return secret;
}

} // namespace digisign::virtual_card
