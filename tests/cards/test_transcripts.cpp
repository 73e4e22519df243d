// SPDX-License-Identifier: LGPL-2.1-or-later
// The FINEID driver against exchanges recorded with the issuer's specimen cards: it must say what another
// program said where the card leaves no choice, and make of the answers what they are.

#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/crypto/certificate.hpp"
#include "tests/cards/transcript.hpp"
#include "tests/fakes/pin.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace digisign;
using namespace digisign::card;

namespace {

struct Recording {
    std::string file;
    std::string title;
    std::string atr;
    std::string generation;
    PinRole role;
    std::string pin;
    std::uint8_t key_reference;
    std::string curve; ///< empty for RSA
    unsigned bits;
    SignatureMechanism mechanism;
    std::string digest;
};

// The PINs and digests are those in the recordings.
const std::vector<Recording> recordings{
    {"fineid-v3-specimen.apdu",
     "fineid v3 select auth certificate and authenticate",
     "3B7F96000080 31B865B0850300EF1200F6829000",
     "FINEID v3.0",
     PinRole::Authentication,
     "1234",
     0x01,
     "",
     2048,
     {SignatureScheme::RsaPss, Digest::Sha256},
     "C0535E4BE2B79FFD93291305436BF889314E4A3FAEC05ECFFCBB7DF31AD9E51A"},
    {"fineid-v3-specimen.apdu",
     "fineid v3 select sign certificate and signing",
     "3B7F96000080 31B865B08504021B1200F6829000",
     "FINEID v3.1",
     PinRole::Signature,
     "123456",
     0x03,
     "P-256",
     256,
     {SignatureScheme::Ecdsa, Digest::Sha256},
     "C0535E4BE2B79FFD93291305436BF889314E4A3FAEC05ECFFCBB7DF31AD9E51A"},
    {"fineid-v4-specimen.apdu",
     "fineid v4 select auth certificate and authenticate",
     "3B7F96000080 31B865B0850500111224 60829000",
     "FINEID v4.0",
     PinRole::Authentication,
     "1234",
     0x01,
     "P-384",
     384,
     {SignatureScheme::Ecdsa, Digest::Sha384},
     "86255FA2C36E4B30969EAE17DC34C772CBEBDFC58B58403900BE87614EB1A34B8780263F255EB5E65CA9BBB8641CCCFE"},
    {"fineid-v4-specimen.apdu",
     "fineid v4 select sign certificate and signing",
     "3B7F96000080 31B865B0850510241224 60829000",
     "FINEID v4.1",
     PinRole::Signature,
     "123456",
     0x02,
     "P-384",
     384,
     {SignatureScheme::Ecdsa, Digest::Sha384},
     "86255FA2C36E4B30969EAE17DC34C772CBEBDFC58B58403900BE87614EB1A34B8780263F255EB5E65CA9BBB8641CCCFE"},
};

std::optional<test::TranscriptChannel> channel_of(const Recording& recording) {
    const auto folder = test::transcript_folder();
    if (!folder) {
        WARN("SKIP: no recordings on this machine (set DIGISIGN_SHARED)");
        return std::nullopt;
    }
    return test::TranscriptChannel(test::read_transcripts(*folder / recording.file), recording.title);
}

} // namespace

TEST_CASE("sign__recorded_fineid_card__sends_the_recorded_commands_and_the_signature_verifies") {
    const Recording& recording = recordings[GENERATE(range<std::size_t>(0, 4))];
    CAPTURE(recording.title);
    auto channel = channel_of(recording);
    if (!channel)
        return;
    Transaction transaction(*channel);
    PublicDataCache cache("");
    const auto card = open_card(transaction, from_hex(recording.atr).value(), cache);

    const CardDescription& description = card->description();
    CHECK(description.driver == "fineid");
    CHECK(description.generation == recording.generation);
    const auto found =
        std::ranges::find(description.keys, recording.key_reference, &KeyDescription::reference);
    REQUIRE(found != description.keys.end());
    const KeyDescription& key = *found;
    CHECK(key.curve == recording.curve);
    CHECK(key.bits == recording.bits);
    CHECK(key.always_authenticate == (recording.role == PinRole::Signature));
    CHECK(key.usage.non_repudiation == (recording.role == PinRole::Signature));
    const PinDescription* pin = description.find_pin(key.pin_reference.value());
    REQUIRE(pin != nullptr);
    CHECK(pin->role == recording.role);

    const PinStatus status = card->pin_status(transaction, *pin);
    CHECK(status.tries_left == 5u);
    CHECK_FALSE(status.blocked);
    CHECK(status.factory_value == false);
    CHECK(card->verify(transaction, *pin, fakes::pin_value(recording.pin)) == PinOutcome{});
    const Bytes digest = from_hex(recording.digest).value();
    const Bytes signature = card->sign(transaction, key, recording.mechanism, digest);

    CHECK(channel->deviation().empty());
    CHECK(channel->finished());
    const auto certificate = crypto::Certificate::from_der(description.find_certificate(key.id)->der);
    CHECK(certificate.public_key().verify(recording.mechanism, digest, signature));
    Bytes other_digest = digest;
    other_digest[0] ^= 0x01;
    CHECK_FALSE(certificate.public_key().verify(recording.mechanism, other_digest, signature));
}

TEST_CASE("certificate__specimen_cards__fields_are_read") {
    auto channel = channel_of(recordings[2]);
    if (!channel)
        return;
    Transaction transaction(*channel);
    PublicDataCache cache("");
    const auto card = open_card(transaction, from_hex(recordings[2].atr).value(), cache);
    const auto certificate = crypto::Certificate::from_der(card->description().certificates.at(0).der);
    CHECK(certificate.subject_common_name() == "SPECIMEN-AUVINEN PHILIP 99902038C");
    CHECK(certificate.issuer_common_name() == "DVV TEST Certificates - G5E");
    CHECK(certificate.email() == "S1Philip087.SPECIMEN-Auvinen@testi.fi");
    CHECK(certificate.key_usage() ==
          crypto::CertificateKeyUsage{.digital_signature = true, .key_agreement = true});
    CHECK_FALSE(certificate.is_authority());
}
