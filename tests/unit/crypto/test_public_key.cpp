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
