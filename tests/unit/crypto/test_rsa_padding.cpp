// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/rsa_padding.hpp"

#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/openssl_ptr.hpp"
#include "daemon/crypto/public_key.hpp"

#include <catch2/catch.hpp>

#include <openssl/rsa.h>

#include <map>

using namespace digisign;
using namespace digisign::crypto;

namespace {

constexpr std::array digests{Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512};

/// A card that can do RSA and nothing else.
struct RawKey {
    explicit RawKey(unsigned bits) {
        const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
        REQUIRE(EVP_PKEY_keygen_init(context.get()) > 0);
        REQUIRE(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) > 0);
        // With two primes OpenSSL rounds an odd length down.
        REQUIRE(EVP_PKEY_CTX_set_rsa_keygen_primes(context.get(), 3) > 0);
        EVP_PKEY* made = nullptr;
        REQUIRE(EVP_PKEY_generate(context.get(), &made) > 0);
        key.reset(made);
        REQUIRE(public_key().bits() == bits);
    }

    PublicKey public_key() const { return PublicKey::from_spki(to_der<i2d_PUBKEY>(key.get())); }
    std::size_t size() const { return static_cast<std::size_t>(EVP_PKEY_get_size(key.get())); }

    Bytes sign(ByteView block) const {
        const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        Bytes result(size());
        std::size_t length = result.size();
        REQUIRE(EVP_PKEY_sign_init(context.get()) > 0);
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) > 0);
        REQUIRE(EVP_PKEY_sign(context.get(), result.data(), &length, block.data(), block.size()) > 0);
        return result;
    }

    Bytes encrypt(const DecipherMechanism& mechanism, ByteView plain) const {
        const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        Bytes result(size());
        std::size_t length = result.size();
        REQUIRE(EVP_PKEY_encrypt_init(context.get()) > 0);
        if (mechanism.scheme == DecipherScheme::RsaPkcs1) {
            REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) > 0);
        } else {
            const EVP_MD* digest = EVP_get_digestbyname(std::string(digest_name(mechanism.digest)).c_str());
            REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) > 0);
            REQUIRE(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest) > 0);
            REQUIRE(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) > 0);
        }
        REQUIRE(EVP_PKEY_encrypt(context.get(), result.data(), &length, plain.data(), plain.size()) > 0);
        return result;
    }

    EvpPkeyPtr key;
};

/// Moduli whose length is a multiple of eight, and one more and one less than that.
const RawKey& key_of(unsigned bits) {
    static std::map<unsigned, RawKey> keys;
    return keys.try_emplace(bits, bits).first->second;
}

std::vector<DecipherMechanism> all_mechanisms() {
    std::vector<DecipherMechanism> all{{DecipherScheme::RsaPkcs1, Digest::None}};
    for (const Digest digest : digests)
        all.push_back({DecipherScheme::RsaOaep, digest});
    return all;
}

Bytes bytes_of(const SecureBuffer& buffer) {
    return to_bytes(buffer.view());
}

} // namespace

TEST_CASE("pad__every_digest_and_length_of_modulus__openssl_verifies_the_signature") {
    const unsigned bits = GENERATE(2048u, 2049u, 2055u);
    const RawKey& key = key_of(bits);
    for (const Digest digest : digests) {
        CAPTURE(bits, digest_name(digest));
        const Bytes value = digest_of(digest, as_bytes("a document"));
        const Bytes pss = key.sign(pad_pss(digest, value, bits));
        CHECK(key.public_key().verify({SignatureScheme::RsaPss, digest}, value, pss));
        const Bytes pkcs1 = key.sign(pad_pkcs1(encode_digest_info(digest, value), key.size()));
        CHECK(key.public_key().verify({SignatureScheme::RsaPkcs1, digest}, value, pkcs1));
    }
}

TEST_CASE("pad__key_too_short_for_the_digest__is_refused") {
    CHECK_FALSE(pss_fits(Digest::Sha512, 1024));
    CHECK(pss_fits(Digest::Sha384, 1024));
    CHECK_FALSE(pss_fits(Digest::Sha1, 0));
    CHECK_THROWS(pad_pss(Digest::Sha512, Bytes(64), 1024));
    CHECK_THROWS(pad_pss(Digest::Sha256, Bytes(20), 2048));
    CHECK_THROWS(pad_pkcs1(Bytes(54), 64));
    CHECK(pad_pkcs1(Bytes(53), 64).size() == 64);
}

TEST_CASE("unpad__what_openssl_encrypted__is_the_plain_text") {
    const RawKey& key = key_of(2048);
    for (const DecipherMechanism& mechanism : all_mechanisms()) {
        const std::size_t longest = plain_text_max(mechanism, key.size());
        for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{32}, longest}) {
            CAPTURE(mechanism_name(mechanism), length);
            const Bytes plain(length, 0x5A);
            const auto result = unpad(mechanism, key.sign(key.encrypt(mechanism, plain)));
            REQUIRE(result);
            CHECK(bytes_of(*result) == plain);
        }
    }
}

TEST_CASE("unpad__any_byte_of_the_padding_is_wrong__is_empty") {
    const RawKey& key = key_of(2048);
    for (const DecipherMechanism& mechanism : all_mechanisms()) {
        const Bytes block = key.sign(key.encrypt(mechanism, Bytes(16, 0x5A)));
        const bool is_oaep = mechanism.scheme == DecipherScheme::RsaOaep;
        // Of PKCS#1 v1.5 the filler may have any value but zero; of OAEP every byte counts.
        for (const std::size_t at : {0u, 1u, 2u, 9u, 100u, 238u, 239u}) {
            CAPTURE(mechanism_name(mechanism), at);
            Bytes damaged = block;
            damaged[at] = is_oaep || at == 0 || at == 239 ? damaged[at] ^ 0xFF : 0x00;
            const bool filler_end =
                !is_oaep && at >= 10 && at < 239; // a zero there only begins the text earlier
            CHECK(unpad(mechanism, damaged).has_value() == filler_end);
        }
    }
}

TEST_CASE("unpad__block_too_short_for_the_padding__is_empty") {
    CHECK_FALSE(unpad({DecipherScheme::RsaPkcs1, Digest::None}, Bytes(10)));
    CHECK_FALSE(unpad({DecipherScheme::RsaOaep, Digest::Sha512}, Bytes(128)));
    CHECK(plain_text_max({DecipherScheme::RsaOaep, Digest::Sha512}, 128) == 0);
}
