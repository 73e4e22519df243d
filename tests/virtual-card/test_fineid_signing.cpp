// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/openssl_ptr.hpp"

#include <catch2/catch.hpp>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string digest32(64, 'A');
const std::string digest48(96, 'B');
const std::string digest20(40, 'C');

KeyPtr public_key(const CardState& state, const char* name) {
    const std::string& pem = state.certificates.at(name);
    const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const CertificatePtr certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    return KeyPtr(X509_get_pubkey(certificate.get()));
}

bool verifies(EVP_PKEY_CTX* context, ByteView signature, ByteView digest) {
    return EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

/// The certificate's public key checks r and s over the digest.
bool ecdsa_verifies(const CardState& state, const char* name, ByteView plain, ByteView digest) {
    const KeyPtr key = public_key(state, name);
    const std::size_t half = plain.size() / 2;
    const std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>> signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), BN_bin2bn(plain.data(), static_cast<int>(half), nullptr),
                   BN_bin2bn(plain.data() + half, static_cast<int>(half), nullptr));
    unsigned char* der = nullptr;
    const int length = i2d_ECDSA_SIG(signature.get(), &der);
    const Bytes encoded(der, der + length);
    OPENSSL_free(der);
    const KeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    return EVP_PKEY_verify_init(context.get()) == 1 && verifies(context.get(), encoded, digest);
}

bool rsa_verifies(const CardState& state, const char* name, int padding, const EVP_MD* digest_type,
                  ByteView signature, ByteView digest) {
    const KeyPtr key = public_key(state, name);
    const KeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    return EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), digest_type) == 1 &&
           verifies(context.get(), signature, digest);
}

std::string select_key(TestCard& card, std::string_view algorithm, std::string_view key) {
    return card.send(concat({"002241B6068001", algorithm, "8401", key}));
}

std::string hash32(TestCard& card) {
    return card.send("002A90A0229020" + digest32);
}

void verify_pin1(TestCard& card) {
    REQUIRE(card.send(concat({"002000110C", block_1234})) == "9000");
}
void verify_pin2(TestCard& card) {
    REQUIRE(card.send(concat({"002000820C", block_123456})) == "9000");
}

Bytes without_status(const std::string& answer) {
    REQUIRE(answer.ends_with("9000"));
    return *from_hex(std::string_view(answer).substr(0, answer.size() - 4));
}

} // namespace

TEST_CASE("sign__p384_authentication_key__signature_verifies_with_its_certificate") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    REQUIRE(select_key(card, "54", "01") == "9000");
    REQUIRE(card.send("002A90A0329030" + digest48) == "9000");
    const Bytes signature = without_status(card.send("002A9E9A60"));
    CHECK(signature.size() == 96);
    CHECK(ecdsa_verifies(card.state(), "auth", signature, *from_hex(digest48)));
    CHECK_FALSE(ecdsa_verifies(card.state(), "sign", signature, *from_hex(digest48)));
}

TEST_CASE("sign__sha256_digest_with_p384_key__is_accepted") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    REQUIRE(select_key(card, "44", "01") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(ecdsa_verifies(card.state(), "auth", without_status(card.send("002A9E9A60")), *from_hex(digest32)));
}

TEST_CASE("sign__wrong_le__says_6c60_and_consumes_neither_pin2_nor_digest") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin2(card);
    REQUIRE(select_key(card, "54", "02") == "9000");
    REQUIRE(card.send("002A90A0329030" + digest48) == "9000");
    CHECK(card.send("002A9E9A00") == "6C60");
    CHECK(card.send("002A9E9A") == "6C60");
    CHECK(card.send("002A9E9A61") == "6C60");
    CHECK(ecdsa_verifies(card.state(), "sign", without_status(card.send("002A9E9A60")), *from_hex(digest48)));
}

TEST_CASE("sign__signature_key__pin2_is_good_for_one_signature") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    verify_pin2(card);
    REQUIRE(select_key(card, "44", "02") == "9000");
    REQUIRE(hash32(card) == "9000");
    without_status(card.send("002A9E9A60"));
    CHECK(card.send("00200082") == "63C5");
    CHECK(card.send("00200011") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(card.send("002A9E9A60") == "6982");
}

TEST_CASE("sign__authentication_key__pin1_stays_verified") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    REQUIRE(select_key(card, "44", "01") == "9000");
    for (int i = 0; i < 3; ++i) {
        REQUIRE(hash32(card) == "9000");
        CHECK(without_status(card.send("002A9E9A60")).size() == 96);
    }
}

TEST_CASE("sign__pin_not_verified__says_6982") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card); // not the one that key 02 wants
    REQUIRE(select_key(card, "44", "02") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(card.send("002A9E9A60") == "6982");
}

TEST_CASE("sign__without_environment_or_digest__says_6985") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    CHECK(hash32(card) == "6985");
    CHECK(card.send("002A9E9A60") == "6985");
    REQUIRE(select_key(card, "44", "01") == "9000");
    CHECK(card.send("002A9E9A60") == "6985");
    REQUIRE(hash32(card) == "9000");
    REQUIRE(select_key(card, "44", "01") == "9000"); // a new environment forgets the digest
    CHECK(card.send("002A9E9A60") == "6985");
}

TEST_CASE("sign__digest_inside_the_signature_command__is_refused") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    REQUIRE(select_key(card, "44", "01") == "9000");
    CHECK(card.send("002A9E9A20" + digest32) == "6A80");
}

TEST_CASE("environment__algorithm_or_key_that_does_not_fit__is_refused") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(select_key(card, "44", "07") == "6A88");
    CHECK(select_key(card, "42", "01") == "6A80"); // RSA with an EC key
    CHECK(select_key(card, "04", "01") == "6A80");
    TestCard older("fineid-v3");
    older.select_application();
    CHECK(select_key(older, "44", "01") == "6A80"); // ECDSA with an RSA key
    CHECK(select_key(older, "41", "01") == "6A80");
    CHECK(select_key(older, "44", "03") == "9000");
}

TEST_CASE("hash__length_other_than_the_algorithm_says__is_refused") {
    TestCard card("fineid-v4");
    card.select_application();
    REQUIRE(select_key(card, "54", "01") == "9000");
    CHECK(hash32(card) == "6A80");
    CHECK(card.send("002A90A0319030" + digest48.substr(2)) == "6A80");
}

TEST_CASE("hash__sha1__is_switched_off_on_v4_and_there_on_v3") {
    TestCard card("fineid-v4");
    card.select_application();
    REQUIRE(select_key(card, "14", "01") == "9000");
    CHECK(card.send("002A90A0169014" + digest20) == "6986");
    TestCard older("fineid-v3");
    older.select_application();
    REQUIRE(select_key(older, "12", "01") == "9000");
    CHECK(older.send("002A90A0169014" + digest20) == "9000");
}

TEST_CASE("sign__rsa_pkcs1_and_pss__signatures_verify") {
    TestCard card("fineid-v3");
    card.select_application();
    verify_pin1(card);
    REQUIRE(select_key(card, "42", "01") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(rsa_verifies(card.state(), "auth", RSA_PKCS1_PADDING, EVP_sha256(),
                       without_status(card.send("002A9E9A00")), *from_hex(digest32)));
    REQUIRE(select_key(card, "45", "01") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(rsa_verifies(card.state(), "auth", RSA_PKCS1_PSS_PADDING, EVP_sha256(),
                       without_status(card.send("002A9E9A00")), *from_hex(digest32)));
    verify_pin2(card);
    REQUIRE(select_key(card, "52", "02") == "9000");
    REQUIRE(card.send("002A90A0329030" + digest48) == "9000");
    CHECK(rsa_verifies(card.state(), "sign", RSA_PKCS1_PADDING, EVP_sha384(),
                       without_status(card.send("002A9E9A00")), *from_hex(digest48)));
}

TEST_CASE("sign__p256_signature_key_of_v3__le_is_64") {
    TestCard card("fineid-v3");
    card.select_application();
    verify_pin2(card);
    REQUIRE(select_key(card, "44", "03") == "9000");
    REQUIRE(hash32(card) == "9000");
    CHECK(card.send("002A9E9A00") == "6C40");
    CHECK(ecdsa_verifies(card.state(), "sign-ec", without_status(card.send("002A9E9A40")),
                         *from_hex(digest32)));
}

TEST_CASE("raw_rsa__host_padded_block_in_one_extended_command__is_signed") {
    TestCard card("fineid-v3");
    card.select_application();
    verify_pin1(card);
    REQUIRE(card.send("002241A406800140840101") == "9000");
    std::string block = "0001";
    for (int i = 0; i < 256 - 2 - 1 - 32; ++i)
        block += "FF";
    block += "00" + digest32;
    CHECK(card.send("102A9E9A80" + block.substr(0, 256)) == "6985"); // not as a chain
    REQUIRE(card.send("002A9E9A000100" + block + "0000") == "6100");
    const Bytes signature = without_status(card.send("00C0000000"));
    CHECK(to_hex(*CardKey::from_pem(card.state().keys.at("auth")).raw(*from_hex(block))) ==
          to_hex(signature));
}

TEST_CASE("decipher__rsa_cryptogram_in_a_chain__gives_the_plain_text") {
    TestCard card("fineid-v3");
    card.select_application();
    verify_pin1(card);
    const KeyPtr key = public_key(card.state(), "auth");
    const KeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    Bytes cryptogram(256);
    std::size_t length = cryptogram.size();
    const Bytes secret = *from_hex("00112233445566778899");
    REQUIRE(EVP_PKEY_encrypt_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
    REQUIRE(EVP_PKEY_encrypt(context.get(), cryptogram.data(), &length, secret.data(), secret.size()) == 1);

    REQUIRE(card.send("002241B80680011A840101") == "9000");
    const std::string data = "81" + to_hex(cryptogram); // 257 octets
    REQUIRE(card.send("102A8086C0" + data.substr(0, 384)) == "9000");
    REQUIRE(card.send("002A808641" + data.substr(384)) == "610A");
    CHECK(card.send("00C000000A") == "001122334455667788999000");
    CHECK(card.send("002241B80680011A840102") == "6A80"); // the signature key does not decipher
}

TEST_CASE("key_agreement__p384__both_sides_get_the_same_x_coordinate") {
    TestCard card("fineid-v4");
    card.select_application();
    verify_pin1(card);
    const CardKey peer = CardKey::generate_ec("P-384");
    const auto point_of = [](EVP_PKEY* key) {
        unsigned char* point = nullptr;
        const std::size_t length = EVP_PKEY_get1_encoded_public_key(key, &point);
        const Bytes bytes(point, point + length);
        OPENSSL_free(point);
        return bytes;
    };
    const Bytes point = point_of(peer.get());
    REQUIRE(card.send("002241B803840101") == "9000");
    REQUIRE(card.send("002A80866200" + to_hex(point)) == "6130");
    const Bytes secret = without_status(card.send("00C0000030"));
    CHECK(to_hex(secret) == to_hex(*peer.derive(point_of(public_key(card.state(), "auth").get()))));
    CHECK(card.send("002A808602FF04") == "6A80"); // wrong padding indicator
    CHECK(card.send("002A8086020004") == "6A80"); // no point
}
