// SPDX-License-Identifier: LGPL-2.1-or-later
// Deciphering and deriving, with every driver over the virtual card of its kind; what is to be deciphered,
// and the other side's key, are OpenSSL's.

#include "daemon/crypto/certificate.hpp"
#include "daemon/crypto/openssl_ptr.hpp"
#include "tests/cards/reader.hpp"

#include <catch2/catch.hpp>

#include <openssl/rsa.h>

#include <algorithm>

using namespace digisign;
using namespace digisign::card;
using namespace digisign::tests;
using crypto::EvpPkeyCtxPtr;
using crypto::EvpPkeyPtr;

namespace {

EvpPkeyPtr public_key_of(const Card& card, const KeyDescription& key) {
    const Bytes& der = card.description().find_certificate(key.id)->der;
    const unsigned char* at = der.data();
    const crypto::X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return EvpPkeyPtr(X509_get_pubkey(certificate.get()));
}

Bytes encrypt(EVP_PKEY* key, const DecipherMechanism& mechanism, ByteView plain) {
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
    Bytes cryptogram(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t length = cryptogram.size();
    REQUIRE(EVP_PKEY_encrypt_init(context.get()) > 0);
    if (mechanism.scheme == DecipherScheme::RsaOaep) {
        const EVP_MD* digest = EVP_get_digestbyname(std::string(digest_name(mechanism.digest)).c_str());
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) > 0);
        REQUIRE(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest) > 0);
        REQUIRE(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) > 0);
    } else {
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) > 0);
    }
    REQUIRE(EVP_PKEY_encrypt(context.get(), cryptogram.data(), &length, plain.data(), plain.size()) > 0);
    return cryptogram;
}

struct Peer {
    explicit Peer(const std::string& curve) : key(EVP_EC_gen(curve.c_str())) {
        unsigned char* encoded = nullptr;
        const std::size_t length = EVP_PKEY_get1_encoded_public_key(key.get(), &encoded);
        point.assign(encoded, encoded + length);
        OPENSSL_free(encoded);
    }

    Bytes shared_with(EVP_PKEY* other) const {
        const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        Bytes secret(66);
        std::size_t length = secret.size();
        REQUIRE(EVP_PKEY_derive_init(context.get()) > 0);
        REQUIRE(EVP_PKEY_derive_set_peer(context.get(), other) > 0);
        REQUIRE(EVP_PKEY_derive(context.get(), secret.data(), &length) > 0);
        secret.resize(length);
        return secret;
    }

    EvpPkeyPtr key;
    Bytes point;
};

std::vector<KeyDescription> keys_that(const Card& card, bool (*can)(const KeyDescription&)) {
    std::vector<KeyDescription> keys;
    std::ranges::copy_if(card.description().keys, std::back_inserter(keys), can);
    return keys;
}

bool can_decipher(const KeyDescription& key) {
    return !key.decipher_mechanisms.empty();
}

bool can_derive(const KeyDescription& key) {
    return key.can_derive;
}

constexpr DecipherMechanism pkcs1{DecipherScheme::RsaPkcs1, Digest::None};

Bytes bytes_of(const SecureBuffer& buffer) {
    return to_bytes(buffer.view());
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

const std::vector<std::string> deciphering_profiles{"fineid-v3", "myeid", "isoapplet", "isoapplet-0.6",
                                                    "piv"};
const std::vector<std::string> deriving_profiles{"fineid-v4", "myeid", "piv"};

} // namespace

TEST_CASE("key_descriptions__by_card_and_usage__say_what_keys_can_do") {
    for (const std::string& profile : profiles) {
        CAPTURE(profile);
        Reader reader(profile);
        const auto card = reader.open();
        for (const KeyDescription& key : card->description().keys) {
            CAPTURE(key.label);
            CHECK(can_decipher(key) == (key.usage.decrypt && key.algorithm == KeyAlgorithm::Rsa));
            CHECK(key.can_derive == key.usage.derive);
        }
        CHECK(keys_that(*card, can_decipher).empty() ==
              (std::ranges::find(deciphering_profiles, profile) == deciphering_profiles.end()));
        CHECK(keys_that(*card, can_derive).empty() ==
              (std::ranges::find(deriving_profiles, profile) == deriving_profiles.end()));
    }
}

TEST_CASE("decipher__every_key_mechanism_and_length__is_what_openssl_encrypted") {
    Reader reader(GENERATE(from_range(deciphering_profiles)));
    const auto card = reader.open();
    for (const KeyDescription& key : keys_that(*card, can_decipher)) {
        // IsoApplet takes off the padding itself, and knows one only.
        CHECK(key.decipher_mechanisms.size() == (reader.profile.starts_with("isoapplet") ? 1 : 6));
        const EvpPkeyPtr public_key = public_key_of(*card, key);
        for (const DecipherMechanism& mechanism : key.decipher_mechanisms)
            for (const std::size_t length : {0u, 1u, 48u, 126u}) {
                CAPTURE(key.label, mechanism_name(mechanism), length);
                const Bytes plain(length, 0x5A);
                Transaction transaction(reader.channel);
                card->select_application(transaction);
                present_pin(*card, transaction, key);
                const std::size_t before = transaction.apdu_count();
                CHECK(bytes_of(card->decipher(transaction, key, mechanism,
                                              encrypt(public_key.get(), mechanism, plain))) == plain);
                // MSE and two links of PSO DECIPHER; under T=0 the answer is fetched.
                CHECK(transaction.apdu_count() - before <= 4);
            }
    }
}

TEST_CASE("decipher__whatever_is_wrong_with_the_cryptogram__is_one_error_in_the_same_words") {
    Reader reader(GENERATE(from_range(deciphering_profiles)));
    const auto card = reader.open();
    const KeyDescription key = keys_that(*card, can_decipher).at(0);
    const EvpPkeyPtr public_key = public_key_of(*card, key);
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    present_pin(*card, transaction, key);
    const DecipherMechanism oaep{DecipherScheme::RsaOaep, Digest::Sha256};
    const DecipherMechanism other_oaep{DecipherScheme::RsaOaep, Digest::Sha384};
    const Bytes plain(16, 0x5A);
    Bytes damaged = encrypt(public_key.get(), oaep, plain);
    damaged.back() ^= 0x01;
    std::set<std::string> messages;
    const auto attempt = [&](const DecipherMechanism& mechanism, const Bytes& cryptogram) {
        if (std::ranges::find(key.decipher_mechanisms, mechanism) == key.decipher_mechanisms.end())
            return;
        const auto decipher = [&] { (void)card->decipher(transaction, key, mechanism, cryptogram); };
        CHECK(error_of(decipher) == ErrorCode::CryptogramInvalid);
        messages.insert(message_of(decipher));
    };
    attempt(oaep, damaged);
    attempt(pkcs1, damaged);
    attempt(oaep, encrypt(public_key.get(), pkcs1, plain));
    attempt(pkcs1, encrypt(public_key.get(), oaep, plain));
    attempt(oaep, encrypt(public_key.get(), other_oaep, plain));
    attempt(oaep, Bytes(256, 0xFF)); // no number below the modulus
    attempt(pkcs1, Bytes(256, 0xFF));
    attempt(oaep, Bytes(255, 0x01));
    attempt(pkcs1, {});
    CHECK(messages.size() == 1);
    // None of that ends the login.
    CHECK(bytes_of(card->decipher(transaction, key, pkcs1, encrypt(public_key.get(), pkcs1, plain))) ==
          plain);
}

TEST_CASE("decipher__pin_not_presented__throws_pin_required") {
    Reader reader(GENERATE(from_range(deciphering_profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    for (const KeyDescription& key : keys_that(*card, can_decipher))
        CHECK(error_of([&] { (void)card->decipher(transaction, key, pkcs1, Bytes(256, 0x01)); }) ==
              ErrorCode::PinRequired);
}

TEST_CASE("decipher__key_is_not_for_that__sends_nothing") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    for (const KeyDescription& key : card->description().keys)
        if (!can_decipher(key))
            CHECK(error_of([&] { (void)card->decipher(transaction, key, pkcs1, Bytes(256, 0x01)); }) ==
                  ErrorCode::MechanismUnsupported);
    CHECK(transaction.apdu_count() == 0);
}

TEST_CASE("decipher__myeid_that_does_not_chain__takes_the_cryptogram_in_halves") {
    fakes::VirtualCard model("myeid");
    fakes::CardModel card_model = model.model();
    fakes::CardChannel channel(model.protocol(), {[&](ByteView command) {
                                                      if ((command[0] & 0x10) != 0)
                                                          return Bytes{0x68, 0x84}; // no command chaining
                                                      Bytes answer = card_model.transmit(command);
                                                      if (command[1] == 0xCA && command[3] == 0xA0)
                                                          answer.at(5) = 3; // version 3.5.5
                                                      return answer;
                                                  },
                                                  card_model.reset});
    Transaction transaction(channel);
    PublicDataCache cache("");
    const auto card = open_card(transaction, model.atr(), cache);
    CHECK(card->description().generation == "MyEID 3.5.5");
    const KeyDescription key = keys_that(*card, can_decipher).at(0);
    // A padded block for a signature cannot be cut in two.
    CHECK(std::ranges::none_of(key.mechanisms, [](const SignatureMechanism& mechanism) {
        return mechanism.scheme == SignatureScheme::RsaPss;
    }));
    const EvpPkeyPtr public_key = public_key_of(*card, key);
    card->select_application(transaction);
    present_pin(*card, transaction, key);
    const Bytes plain(16, 0x5A);
    for (const DecipherMechanism& mechanism : key.decipher_mechanisms)
        CHECK(bytes_of(card->decipher(transaction, key, mechanism,
                                      encrypt(public_key.get(), mechanism, plain))) == plain);
}

TEST_CASE("derive__point_of_the_curve__is_the_secret_that_the_other_side_has") {
    Reader reader(GENERATE(from_range(deriving_profiles)));
    const auto card = reader.open();
    for (const KeyDescription& key : keys_that(*card, can_derive)) {
        CAPTURE(key.label);
        const Peer peer(key.curve);
        Transaction transaction(reader.channel);
        card->select_application(transaction);
        present_pin(*card, transaction, key);
        const std::size_t before = transaction.apdu_count();
        CHECK(bytes_of(card->derive(transaction, key, peer.point)) ==
              peer.shared_with(public_key_of(*card, key).get()));
        CHECK(transaction.apdu_count() - before <= 3);
    }
}

TEST_CASE("derive__no_point_of_the_curve_or_key_not_for_that__sends_nothing") {
    Reader reader(GENERATE(from_range(deriving_profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    for (const KeyDescription& key : card->description().keys) {
        Bytes point = Peer(key.curve.empty() ? "P-256" : key.curve).point;
        const ErrorCode expected =
            key.can_derive ? ErrorCode::InvalidArgument : ErrorCode::MechanismUnsupported;
        point.back() ^= 0x01;
        CHECK(error_of([&] { (void)card->derive(transaction, key, point); }) == expected);
        CHECK(error_of([&] { (void)card->derive(transaction, key, {}); }) == expected);
    }
    CHECK(transaction.apdu_count() == 0);
}

TEST_CASE("derive__pin_not_presented__throws_pin_required") {
    Reader reader(GENERATE(from_range(deriving_profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    for (const KeyDescription& key : keys_that(*card, can_derive))
        if (key.pin_reference)
            CHECK(error_of([&] { (void)card->derive(transaction, key, Peer(key.curve).point); }) ==
                  ErrorCode::PinRequired);
}
