// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/public_key.hpp"

#include "daemon/crypto/ec_point.hpp"
#include "daemon/crypto/openssl_ptr.hpp"

#include <catch2/catch.hpp>

#include <openssl/rsa.h>

using namespace digisign;
using namespace digisign::crypto;

namespace {

EvpPkeyPtr rsa_key() {
    return EvpPkeyPtr(EVP_RSA_gen(2048));
}

EvpPkeyPtr ec_key(const std::string& curve) {
    return EvpPkeyPtr(EVP_EC_gen(curve.c_str()));
}

Bytes spki_of(const EvpPkeyPtr& key) {
    return to_der<i2d_PUBKEY>(key.get());
}

bool contains(const Bytes& whole, const Bytes& part) {
    return to_hex(whole).find(to_hex(part)) != std::string::npos;
}

} // namespace

TEST_CASE("from_spki__rsa__modulus_and_exponent_have_no_leading_zeros") {
    const Bytes spki = spki_of(rsa_key());
    const PublicKey key = PublicKey::from_spki(spki);
    CHECK(key.algorithm() == PublicKeyAlgorithm::Rsa);
    CHECK(key.modulus().size() == 256);
    CHECK((key.modulus().front() & 0x80) != 0);
    CHECK(contains(spki, key.modulus()));
    CHECK(key.public_exponent() == Bytes{0x01, 0x00, 0x01});
    CHECK(key.point().empty());
}

TEST_CASE("from_spki__ec__point_is_uncompressed") {
    const auto [curve, oid, size] = GENERATE(
        table<std::string, std::string, std::size_t>({{"P-256", "06082A8648CE3D030107", 32},
                                                      {"P-384", "06052B81040022", 48},
                                                      {"P-521", "06052B81040023", 66},
                                                      {"brainpoolP256r1", "06092B2403030208010107", 32}}));
    const EvpPkeyPtr generated = ec_key(curve);
    const PublicKey key = PublicKey::from_spki(spki_of(generated));
    CHECK(key.curve() == curve);
    CHECK(to_hex(encode_curve(key.curve())) == oid);
    CHECK(key.point().size() == 1 + 2 * size);
    CHECK(contains(key.spki(), key.point()));
    CHECK(key.modulus().empty());

    // The same key as some certificates have it.
    REQUIRE(EVP_PKEY_set_utf8_string_param(generated.get(), "point-format", "compressed") == 1);
    const PublicKey compressed = PublicKey::from_spki(spki_of(generated));
    CHECK(compressed.spki().size() + size <= key.spki().size());
    CHECK(compressed.point() == key.point());
}

TEST_CASE("from_spki__nonsense__is_no_key") {
    const PublicKey key = PublicKey::from_spki(Bytes{0x30, 0x03, 0x02, 0x01, 0x00});
    CHECK(key.algorithm() == PublicKeyAlgorithm::Other);
    CHECK(key.spki().empty());
}

TEST_CASE("encode_curve__unknown_name__is_empty") {
    CHECK(encode_curve("").empty());
    CHECK(encode_curve("no curve").empty());
}

TEST_CASE("encode_point__long_one__has_a_length_of_two_bytes") {
    CHECK(to_hex(encode_point(Bytes(65, 0x04))).starts_with("0441"));
    CHECK(to_hex(encode_point(Bytes(133, 0x04))).starts_with("048185"));
}

namespace {

/// What the holder of the private key reads; empty if there is nothing to be read.
Bytes decrypt(const EvpPkeyPtr& key, const DecipherMechanism& mechanism, const Bytes& cryptogram) {
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    REQUIRE(EVP_PKEY_decrypt_init(context.get()) > 0);
    if (mechanism.scheme == DecipherScheme::RsaOaep) {
        const EVP_MD* md = EVP_get_digestbyname(std::string(digest_name(mechanism.digest)).c_str());
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) > 0);
        REQUIRE(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md) > 0);
    }
    Bytes plain(cryptogram.size());
    std::size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), plain.data(), &size, cryptogram.data(), cryptogram.size()) <= 0)
        return {};
    plain.resize(size);
    return plain;
}

} // namespace

TEST_CASE("encrypt__as_long_as_there_is_room__is_read_by_the_private_key") {
    const auto [mechanism, longest] =
        GENERATE(table<DecipherMechanism, std::size_t>({{{DecipherScheme::RsaPkcs1, Digest::None}, 245},
                                                        {{DecipherScheme::RsaOaep, Digest::Sha1}, 214},
                                                        {{DecipherScheme::RsaOaep, Digest::Sha256}, 190},
                                                        {{DecipherScheme::RsaOaep, Digest::Sha512}, 126}}));
    const EvpPkeyPtr key = rsa_key();
    const PublicKey public_key = PublicKey::from_spki(spki_of(key));
    const Bytes text(longest, 0x42);
    const auto cryptogram = public_key.encrypt(mechanism, text);
    REQUIRE(cryptogram);
    CHECK(cryptogram->size() == 256);
    CHECK(decrypt(key, mechanism, *cryptogram) == text);
    CHECK_FALSE(public_key.encrypt(mechanism, Bytes(longest + 1)));
}

TEST_CASE("encrypt__ec_key__cannot") {
    const PublicKey key = PublicKey::from_spki(spki_of(ec_key("P-256")));
    CHECK_FALSE(key.encrypt({DecipherScheme::RsaPkcs1, Digest::None}, Bytes(8)));
}

TEST_CASE("verify__rsa_without_digest__compares_what_was_padded") {
    constexpr SignatureMechanism mechanism{SignatureScheme::RsaPkcs1, Digest::None};
    const EvpPkeyPtr key = rsa_key();
    const PublicKey public_key = PublicKey::from_spki(spki_of(key));
    for (const std::size_t length :
         {1U, 36U, 245U}) { // MD5 and SHA-1 of TLS 1.1, and as much as there is room for
        const Bytes data(length, 0x17);
        const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        REQUIRE(EVP_PKEY_sign_init(context.get()) > 0);
        Bytes signature(256);
        std::size_t size = signature.size();
        REQUIRE(EVP_PKEY_sign(context.get(), signature.data(), &size, data.data(), data.size()) > 0);
        CHECK(public_key.verify(mechanism, data, signature));
        Bytes other = data;
        other.back() ^= 1;
        CHECK_FALSE(public_key.verify(mechanism, other, signature));
        CHECK_FALSE(public_key.verify(mechanism, ByteView(data).first(length - 1), signature));
        CHECK_FALSE(public_key.verify(mechanism, data, ByteView(signature).first(255)));
    }
}
