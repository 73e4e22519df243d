// SPDX-License-Identifier: LGPL-2.1-or-later
// Every driver over the virtual card of its kind: what it finds, what it signs, and with how many commands.

#include "daemon/card/check_signature.hpp"
#include "daemon/crypto/certificate.hpp"
#include "daemon/crypto/digest.hpp"
#include "tests/cards/reader.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using namespace digisign::tests;
using digisign::virtual_card::Activation;

namespace {

NewPinInput new_pin(std::string_view proof, std::string_view value) {
    return NewPinValues{fakes::pin_value(proof), fakes::pin_value(value)};
}

/// Data of the form that the mechanism takes.
Bytes data_for(const SignatureMechanism& mechanism) {
    const Digest digest = mechanism.digest == Digest::None ? Digest::Sha256 : mechanism.digest;
    Bytes value = crypto::digest_of(digest, as_bytes("a document"));
    if (mechanism == SignatureMechanism{SignatureScheme::RsaPkcs1, Digest::None})
        return crypto::encode_digest_info(digest, value);
    return value;
}

/// MSE and PSO CDS. A FINEID card takes the digest by a PSO HASH of its own; MyEID takes a padded block,
/// which is too long for one command.
/// PIV names the key in the command itself.
std::size_t commands_of_signature(const std::string& profile, const SignatureMechanism& mechanism) {
    if (profile == "piv")
        return mechanism.scheme == SignatureScheme::Ecdsa ? 1 : 3;
    const bool padded_here = profile == "myeid" && mechanism.scheme == SignatureScheme::RsaPss;
    return profile.starts_with("fineid") || padded_here ? 3 : 2;
}

SignatureMechanism first_mechanism(const KeyDescription& key) {
    return {key.algorithm == KeyAlgorithm::Ec ? SignatureScheme::Ecdsa : SignatureScheme::RsaPkcs1,
            Digest::Sha256};
}

DataObjectDescription notice() {
    return {"Notice", "DigiSign TEST", *from_hex("06092B0601040181FD5901"),
            to_bytes(as_bytes("a notice for everybody"))};
}

} // namespace

TEST_CASE("open__fineid_v3__finds_two_rsa_keys_and_one_ec_key") {
    Reader reader("fineid-v3");
    const auto card = reader.open();
    const CardDescription& description = card->description();
    CHECK(description.warnings.empty());
    CHECK(description.generation == "FINEID v3.0");
    CHECK(description.manufacturer == "VRK-FINEID (TEST)");
    CHECK(description.serial_number == "099900001");
    REQUIRE(description.keys.size() == 3);
    CHECK(description.keys[0].id == Bytes{0x45});
    CHECK(description.keys[0].label == "Authentication key");
    CHECK(description.keys[0].algorithm == KeyAlgorithm::Rsa);
    CHECK(description.keys[0].bits == 2048);
    CHECK(description.keys[0].usage == KeyUsage{.decrypt = true, .sign = true, .unwrap = true});
    CHECK(description.keys[1].label == "Signature key");
    CHECK(description.keys[1].usage == KeyUsage{.non_repudiation = true});
    CHECK(description.keys[2].label == "Signature key 2");
    CHECK(description.keys[2].reference == 0x03);
    CHECK(description.keys[2].curve == "P-256");
    CHECK(description.certificates.size() == 5);
}

TEST_CASE("open__fineid_v4__finds_two_p384_keys_and_the_authorities") {
    Reader reader("fineid-v4");
    const auto card = reader.open();
    const CardDescription& description = card->description();
    CHECK(description.warnings.empty());
    CHECK(description.driver == "fineid");
    CHECK(description.generation == "FINEID v4.0");
    CHECK(description.label == "HENKILOKORTTI");
    CHECK(description.serial_number == "99900001X");
    REQUIRE(description.pins.size() == 3);
    CHECK(description.pins[0] == PinDescription{.reference = 0x11,
                                                .label = "PIN 1 (basic)",
                                                .role = PinRole::Authentication,
                                                .min_length = 4,
                                                .max_length = 12,
                                                .stored_length = 12,
                                                .pad_byte = 0x00,
                                                .only_digits = true,
                                                .puk_reference = 0x83,
                                                .can_change = true,
                                                .can_unblock = true});
    CHECK(description.pins[1].label == "PIN 2 (signature)");
    CHECK(description.pins[1].reference == 0x82);
    CHECK(description.pins[1].min_length == 6);
    CHECK(description.pins[2].role == PinRole::Puk);
    CHECK_FALSE(description.pins[2].can_change);
    CHECK_FALSE(description.pins[2].can_unblock);
    REQUIRE(description.keys.size() == 2);
    CHECK(description.keys[0].usage == KeyUsage{.sign = true, .derive = true});
    CHECK_FALSE(description.keys[0].always_authenticate);
    CHECK(description.keys[0].pin_reference == std::uint8_t{0x11});
    CHECK(description.keys[1].curve == "P-384");
    CHECK(description.keys[1].always_authenticate);
    CHECK(description.keys[1].pin_reference == std::uint8_t{0x82});
    REQUIRE(description.certificates.size() == 4);
    CHECK_FALSE(description.certificates[1].authority);
    CHECK(description.certificates[2].authority);
    CHECK(description.certificates[3].authority);
    const auto issuing = crypto::Certificate::from_der(description.certificates[3].der);
    CHECK(issuing.subject_common_name() == description.issuer);
}

TEST_CASE("open__myeid__finds_what_its_directories_say") {
    Reader reader("myeid");
    const auto card = reader.open();
    const CardDescription& description = card->description();
    CHECK(description.warnings.empty());
    CHECK(description.driver == "myeid");
    CHECK(description.generation == "MyEID 4.5.5");
    CHECK(description.serial_number == "00000000000999000011");
    REQUIRE(description.pins.size() == 2);
    CHECK(description.pins[0].role == PinRole::Authentication);
    CHECK(description.pins[1].role == PinRole::Signature);
    CHECK(description.pins[1].pad_byte == std::uint8_t{0xFF});
    CHECK(description.pins[1].stored_length == 8);
    CHECK(description.pins[1].can_unblock);
    CHECK_FALSE(description.pins[1].puk_reference); // it has one, which is no object
    REQUIRE(description.keys.size() == 4);
    CHECK(description.keys[0].path == Bytes{0x3F, 0x00, 0x50, 0x15, 0x4B, 0x01});
    CHECK(description.keys[1].curve == "P-256");
    CHECK(description.keys[3].always_authenticate);
    CHECK(description.certificates.size() == 6);
    REQUIRE(description.data_objects.size() == 1);
    CHECK(description.data_objects[0] == notice());
}

TEST_CASE("open__generic_card__leaves_out_private_data") {
    Reader reader("pkcs15");
    const auto card = reader.open();
    CHECK(card->description().data_objects == std::vector{notice()});
}

TEST_CASE("open__isoapplet__finds_what_its_directories_say_and_what_its_version_can") {
    const auto [profile, generation, is_first] = GENERATE(table<std::string, std::string, bool>({
        {"isoapplet", "IsoApplet 1.0", false},
        {"isoapplet-0.6", "IsoApplet 0.6", true},
    }));
    Reader reader(profile);
    const auto card = reader.open();
    const CardDescription& description = card->description();
    CHECK(description.driver == "isoapplet");
    CHECK(description.generation == generation);
    REQUIRE(description.pins.size() == 2);
    CHECK(description.pins[0].min_length == 4);
    CHECK(description.pins[0].stored_length == 16);
    CHECK(description.pins[0].pad_byte == std::uint8_t{0x00});
    CHECK(description.pins[0].puk_reference == std::uint8_t{0x02});
    CHECK(description.pins[1].role == PinRole::Puk);
    CHECK_FALSE(description.pins[1].can_unblock);
    REQUIRE(description.keys.size() == 2);
    const auto has_pss = [](const KeyDescription& key) {
        return std::ranges::any_of(key.mechanisms, [](const auto& mechanism) {
            return mechanism.scheme == SignatureScheme::RsaPss;
        });
    };
    CHECK(has_pss(description.keys[0]) != is_first);
    CHECK(description.keys[0].decipher_mechanisms.size() == 1);
    CHECK(description.keys[1].curve == "P-256");
    CHECK(description.keys[1].mechanisms.empty() == is_first); // it can sign SHA-1 of its own making only
    CHECK(description.warnings.size() == (is_first ? 1 : 0));
    CHECK(description.certificates.size() == 4);
}

TEST_CASE("open__piv__finds_a_key_in_every_slot_with_a_certificate") {
    Reader reader("piv");
    const auto card = reader.open();
    const CardDescription& description = card->description();
    CHECK(description.warnings.empty());
    CHECK(description.driver == "piv");
    CHECK(description.generation == "YubiKey 5.2.7");
    CHECK(description.manufacturer == "Yubico");
    CHECK(description.serial_number == "10000001");
    REQUIRE(description.pins.size() == 2);
    CHECK(description.pins[0] == PinDescription{.reference = 0x80,
                                                .label = "PIN",
                                                .role = PinRole::Authentication,
                                                .min_length = 6,
                                                .max_length = 8,
                                                .stored_length = 8,
                                                .pad_byte = 0xFF,
                                                .only_digits = true,
                                                .puk_reference = 0x81,
                                                .can_change = true,
                                                .can_unblock = true});
    CHECK(description.pins[1].role == PinRole::Puk);
    CHECK(description.pins[1].can_change);
    CHECK_FALSE(description.pins[1].can_unblock);
    REQUIRE(description.keys.size() == 5);
    CHECK(description.keys[0].reference == 0x9A);
    CHECK(description.keys[0].bits == 2048);
    CHECK_FALSE(description.keys[0].always_authenticate);
    CHECK(description.keys[1].reference == 0x9C);
    CHECK(description.keys[1].usage == KeyUsage{.non_repudiation = true});
    CHECK(description.keys[1].always_authenticate);
    CHECK(description.keys[2].reference == 0x9D);
    CHECK(description.keys[3].reference == 0x9E); // whose certificate is compressed
    CHECK_FALSE(description.keys[3].pin_reference);
    CHECK(description.keys[4].reference == 0x82);
    CHECK(description.keys[4].label == "Retired key management 1 key");
    CHECK(description.certificates.size() == 5);
    std::vector<std::string> names;
    for (const DataObjectDescription& object : description.data_objects)
        names.push_back(object.label);
    CHECK(names == std::vector<std::string>{"Discovery Object", "Card Holder Unique Identifier",
                                            "Card Capability Container", "Key History Object"});
    CHECK(to_hex(description.data_objects[0].value).starts_with("7E12"));
    CHECK(to_hex(description.data_objects[1].value).starts_with("533B"));
    CHECK(to_hex(description.data_objects[1].object_id) == "060A60864801650307023000");
    CHECK(reader.apdus <= 42);
}

TEST_CASE("sign__piv_key_without_pin__needs_none_and_key_with_pin_always_one_each_time") {
    Reader reader("piv");
    const auto card = reader.open();
    const CardDescription& description = card->description();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const SignatureMechanism ecdsa{SignatureScheme::Ecdsa, Digest::Sha256};
    const KeyDescription& card_key = description.keys.at(3);
    check_signature(description, card_key, ecdsa, Bytes(32),
                    card->sign(transaction, card_key, ecdsa, Bytes(32)));
    const KeyDescription& signature_key = description.keys.at(1);
    present_pin(*card, transaction, signature_key);
    check_signature(description, signature_key, ecdsa, Bytes(32),
                    card->sign(transaction, signature_key, ecdsa, Bytes(32)));
    CHECK(error_of([&] { (void)card->sign(transaction, signature_key, ecdsa, Bytes(32)); }) ==
          ErrorCode::PinRequired);
    CHECK(card->is_verified(transaction, pin_of(*card, signature_key))); // for the others
}

TEST_CASE("change_pin__piv_puk__the_new_one_unblocks") {
    Reader reader("piv");
    const auto card = reader.open();
    const auto& pins = card->description().pins;
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    CHECK(card->change_pin(transaction, pins.at(1), new_pin("12345678", "87654321")) == PinOutcome{});
    CHECK(card->unblock_pin(transaction, pins.at(0), new_pin("12345678", "654321")) ==
          PinOutcome{PinOutcome::Kind::Wrong, 2});
    CHECK(card->unblock_pin(transaction, pins.at(0), new_pin("87654321", "654321")) == PinOutcome{});
    CHECK(card->verify(transaction, pins.at(0), fakes::pin_value("654321")) == PinOutcome{});
}

TEST_CASE("log_out__piv_that_does_not_know_the_command__is_believed_only_if_the_pin_is_forgotten") {
    fakes::VirtualCard model("piv");
    fakes::CardModel card_model = model.model();
    fakes::CardChannel channel(model.protocol(), {[&](ByteView command) {
                                                      if (command[1] == 0x20 && command[2] == 0xFF)
                                                          return Bytes{0x6A, 0x86};
                                                      return card_model.transmit(command);
                                                  },
                                                  card_model.reset});
    Transaction transaction(channel);
    PublicDataCache cache("");
    const auto card = open_card(transaction, model.atr(), cache);
    const PinDescription& pin = card->description().pins.at(0);
    CHECK(card->log_out(transaction, {})); // nothing was verified, so nothing is left
    REQUIRE(card->verify(transaction, pin, value_of(pin)) == PinOutcome{});
    CHECK(card->log_out(transaction, {pin.reference}));
    CHECK(card->is_verified(transaction, pin));
    CHECK(error_of([&] { (void)card->log_out(transaction, {}); }) == ErrorCode::CardError);
}

TEST_CASE("is_verified__isoapplet__is_told_without_spending_a_try") {
    Reader reader(GENERATE("isoapplet", "isoapplet-0.6"));
    const auto card = reader.open();
    const PinDescription& pin = card->description().pins.at(0);
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    CHECK_FALSE(card->is_verified(transaction, pin));
    CHECK(card->verify(transaction, pin, fakes::pin_value("1234")) == PinOutcome{});
    CHECK(card->is_verified(transaction, pin));
    CHECK(card->pin_status(transaction, pin) ==
          PinStatus{.tries_left = 3, .blocked = false, .factory_value = {}, .verified = true});
    CHECK_FALSE(card->is_verified(transaction, card->description().pins.at(1)));
    card->select_application(transaction);
    CHECK_FALSE(card->is_verified(transaction, pin));
}

TEST_CASE("open__known_card__takes_at_most_four_commands_and_finds_the_same") {
    // The other kind tells nothing by which a change could be noticed, so it is read each time.
    const std::string profile = GENERATE("fineid-v3", "fineid-v4", "myeid", "isoapplet", "isoapplet-0.6");
    CAPTURE(profile);
    Reader reader(profile);
    const CardDescription first = reader.open()->description();
    const std::size_t cold = reader.apdus;
    const CardDescription second = reader.open()->description();
    CAPTURE(cold, reader.apdus);
    CHECK(reader.apdus <= 4);
    CHECK(cold <= 54);
    CHECK(second == first);
}

TEST_CASE("open__other_card_of_the_same_kind__is_read_anew") {
    const std::string profile = GENERATE("fineid-v3", "fineid-v4");
    Reader first(profile);
    (void)first.open();
    // Another card with the same holder, serial number and dates, but other keys.
    Reader second(profile, Activation::FactoryPins);
    Transaction transaction(second.channel);
    const auto card = open_card(transaction, second.model.atr(), first.cache);
    CHECK(transaction.apdu_count() > 4);
    CHECK(card->description().certificates.at(0).der ==
          virtual_card::certificate_der(second.model.state().certificates.at("auth")));
}

TEST_CASE("sign__every_key_and_mechanism__verifies_with_the_certificate") {
    const std::string profile = GENERATE(from_range(profiles));
    CAPTURE(profile);
    Reader reader(profile);
    const auto card = reader.open();
    for (const KeyDescription& key : card->description().keys)
        for (const SignatureMechanism& mechanism : key.mechanisms) {
            CAPTURE(key.label, mechanism_name(mechanism));
            Transaction transaction(reader.channel);
            card->select_application(transaction);
            present_pin(*card, transaction, key);
            const std::size_t before = transaction.apdu_count();
            const Bytes data = data_for(mechanism);
            const Bytes signature = card->sign(transaction, key, mechanism, data);
            CHECK(transaction.apdu_count() - before == commands_of_signature(profile, mechanism));
            const auto certificate =
                crypto::Certificate::from_der(card->description().find_certificate(key.id)->der);
            CHECK(certificate.public_key().verify(mechanism, data, signature));
        }
}

TEST_CASE("sign__ecdsa_over_bytes_of_any_length__verifies") {
    const std::string profile = GENERATE(from_range(profiles));
    const std::size_t length = GENERATE(1u, 20u, 31u, 36u, 47u, 49u, 63u, 65u, 100u);
    CAPTURE(profile, length);
    Reader reader(profile);
    const auto card = reader.open();
    for (const KeyDescription& key : card->description().keys) {
        if (key.algorithm != KeyAlgorithm::Ec || key.mechanisms.empty())
            continue;
        Transaction transaction(reader.channel);
        card->select_application(transaction);
        present_pin(*card, transaction, key);
        const SignatureMechanism ecdsa{SignatureScheme::Ecdsa, Digest::None};
        const Bytes data(length, 0xA5);
        const Bytes signature = card->sign(transaction, key, ecdsa, data);
        check_signature(card->description(), key, ecdsa, data, signature);
        CHECK(signature.size() == 2 * key.bits / 8);
    }
}

TEST_CASE("sign__rsa_over_data_that_is_no_digest_info__verifies_where_the_card_pads_anything") {
    const std::string profile = GENERATE(from_range(profiles));
    // MD5 and SHA-1 of TLS 1.1, a digest without its name, and the extremes.
    const std::size_t length = GENERATE(1u, 32u, 36u, 245u);
    CAPTURE(profile, length);
    constexpr SignatureMechanism pkcs1{SignatureScheme::RsaPkcs1, Digest::None};
    Reader reader(profile);
    const auto card = reader.open();
    for (const KeyDescription& key : card->description().keys) {
        if (std::ranges::find(key.mechanisms, pkcs1) == key.mechanisms.end())
            continue;
        Transaction transaction(reader.channel);
        card->select_application(transaction);
        present_pin(*card, transaction, key);
        const Bytes data(length, 0x5A);
        if (profile == "fineid-v3") {
            CHECK(error_of([&] { (void)card->sign(transaction, key, pkcs1, data); }) ==
                  ErrorCode::DigestLengthInvalid);
            continue;
        }
        check_signature(card->description(), key, pkcs1, data, card->sign(transaction, key, pkcs1, data));
        CHECK(error_of([&] { (void)card->sign(transaction, key, pkcs1, Bytes(key.bits / 8 - 10)); }) ==
              ErrorCode::DigestLengthInvalid);
    }
}

TEST_CASE("sign__pin_not_presented__throws_pin_required") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    for (const KeyDescription& key : card->description().keys) {
        if (key.mechanisms.empty() || !key.pin_reference)
            continue;
        Transaction transaction(reader.channel);
        card->select_application(transaction);
        CHECK(error_of([&] { (void)card->sign(transaction, key, first_mechanism(key), Bytes(32)); }) ==
              ErrorCode::PinRequired);
    }
}

TEST_CASE("sign__second_signature_on_one_pin_2__throws_pin_required") {
    Reader reader("fineid-v4");
    const auto card = reader.open();
    const KeyDescription& key = key_for(*card, /*non_repudiation=*/true);
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    present_pin(*card, transaction, key);
    (void)card->sign(transaction, key, first_mechanism(key), Bytes(32));
    CHECK(error_of([&] { (void)card->sign(transaction, key, first_mechanism(key), Bytes(32)); }) ==
          ErrorCode::PinRequired);
}

TEST_CASE("sign__data_or_mechanism_does_not_fit__sends_nothing") {
    Reader reader("fineid-v3");
    const auto card = reader.open();
    const KeyDescription& key = key_for(*card, /*non_repudiation=*/false);
    Transaction transaction(reader.channel);
    const auto attempt = [&](SignatureMechanism mechanism, std::size_t length) {
        return error_of([&] { (void)card->sign(transaction, key, mechanism, Bytes(length)); });
    };
    CHECK(attempt({SignatureScheme::Ecdsa, Digest::Sha256}, 32) == ErrorCode::MechanismUnsupported);
    CHECK(attempt({SignatureScheme::RsaPss, Digest::None}, 32) == ErrorCode::MechanismUnsupported);
    CHECK(attempt({SignatureScheme::RsaPkcs1, Digest::Sha256}, 20) == ErrorCode::DigestLengthInvalid);
    // MD5 and SHA-1 together, as TLS 1.0 signs them.
    CHECK(attempt({SignatureScheme::RsaPkcs1, Digest::None}, 36) == ErrorCode::DigestLengthInvalid);
    CHECK(transaction.apdu_count() == 0);
}

TEST_CASE("check_signature__certificate_of_another_key__throws_signature_invalid") {
    Reader first("fineid-v4");
    const auto card = first.open();
    Reader second("fineid-v4", Activation::BlockedPins); // other keys behind the same references
    Transaction transaction(second.channel);
    card->select_application(transaction);
    const KeyDescription& key = key_for(*card, /*non_repudiation=*/false);
    const auto reset = [&](std::uint8_t pin) {
        PinValue puk = fakes::pin_value("12345678");
        PinValue value = fakes::pin_value("1234");
        const iso7816::PinBlockFormat format{12, std::uint8_t{0x00}};
        (void)transaction.transmit_sensitive(
            iso7816::SensitiveApdu::reset_retry_counter(pin, puk, format, value, format));
    };
    reset(key.pin_reference.value());
    present_pin(*card, transaction, key);
    const SignatureMechanism mechanism = first_mechanism(key);
    const Bytes signature = card->sign(transaction, key, mechanism, Bytes(32));
    CHECK(error_of([&] { check_signature(card->description(), key, mechanism, Bytes(32), signature); }) ==
          ErrorCode::SignatureInvalid);
}

TEST_CASE("verify__wrong_pin__reports_the_tries_left_until_blocked") {
    const std::string profile = GENERATE(from_range(profiles));
    CAPTURE(profile);
    Reader reader(profile);
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const PinDescription& pin = card->description().pins.at(0);
    unsigned tries = card->pin_status(transaction, pin).tries_left.value();
    while (tries-- > 1)
        CHECK(card->verify(transaction, pin, fakes::pin_value("999999")) ==
              PinOutcome{PinOutcome::Kind::Wrong, tries});
    CHECK(card->verify(transaction, pin, fakes::pin_value("999999")).kind == PinOutcome::Kind::Blocked);
    CHECK(card->verify(transaction, pin, value_of(pin)).kind == PinOutcome::Kind::Blocked);
    const PinStatus status = card->pin_status(transaction, pin);
    CHECK(status.blocked);
    CHECK(status.tries_left == 0u);
}

TEST_CASE("change_pin__right_and_wrong_old_pin__are_outcomes_and_the_new_one_works") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    for (const PinDescription& pin : card->description().pins) {
        CAPTURE(pin.label);
        if (pin.role == PinRole::Puk)
            continue;
        REQUIRE(pin.can_change);
        const unsigned tries = card->pin_status(transaction, pin).tries_left.value();
        const std::string_view old_pin = first_value(pin);
        CHECK(card->change_pin(transaction, pin, new_pin("999999", "876543")) ==
              PinOutcome{PinOutcome::Kind::Wrong, tries - 1});
        CHECK(card->change_pin(transaction, pin, new_pin(old_pin, "876543")) == PinOutcome{});
        CHECK_FALSE(card->is_verified(transaction, pin));
        CHECK(card->verify(transaction, pin, fakes::pin_value(old_pin)) ==
              PinOutcome{PinOutcome::Kind::Wrong, tries - 1});
        CHECK(card->verify(transaction, pin, fakes::pin_value("876543")) == PinOutcome{});
        CHECK(card->is_verified(transaction, pin));
    }
}

TEST_CASE("change_pin__new_pin_the_card_does_not_take__is_bad_length_and_costs_nothing") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const PinDescription& pin = card->description().pins.at(0);
    const PinStatus before = card->pin_status(transaction, pin);
    CHECK(card->change_pin(transaction, pin, new_pin(first_value(pin), "123")).kind ==
          PinOutcome::Kind::BadLength);
    CHECK(card->pin_status(transaction, pin) == before);
    CHECK(card->verify(transaction, pin, value_of(pin)) == PinOutcome{});
}

TEST_CASE("change_pin__wrong_old_pin_to_the_end__is_blocked") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const PinDescription& pin = card->description().pins.at(0);
    unsigned tries = card->pin_status(transaction, pin).tries_left.value();
    while (tries-- > 1)
        CHECK(card->change_pin(transaction, pin, new_pin("999999", "876543")) ==
              PinOutcome{PinOutcome::Kind::Wrong, tries});
    CHECK(card->change_pin(transaction, pin, new_pin("999999", "876543")).kind == PinOutcome::Kind::Blocked);
    CHECK(card->change_pin(transaction, pin, new_pin(first_value(pin), "876543")).kind ==
          PinOutcome::Kind::Blocked);
}

TEST_CASE("unblock_pin__right_puk__gives_pin_and_tries_back") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    for (const PinDescription& pin : card->description().pins) {
        CAPTURE(pin.label);
        if (pin.role == PinRole::Puk)
            continue;
        REQUIRE(pin.can_unblock);
        const PinStatus before = card->pin_status(transaction, pin);
        while (!card->pin_status(transaction, pin).blocked)
            (void)card->verify(transaction, pin, fakes::pin_value("999999"));
        CHECK(card->unblock_pin(transaction, pin, new_pin("12345678", "876543")) == PinOutcome{});
        CHECK(card->pin_status(transaction, pin) == before);
        CHECK_FALSE(card->is_verified(transaction, pin));
        CHECK(card->verify(transaction, pin, fakes::pin_value("876543")) == PinOutcome{});
    }
}

TEST_CASE("unblock_pin__wrong_puk_to_the_end__puk_is_dead_and_the_pin_as_it_was") {
    const std::string profile = GENERATE(from_range(profiles));
    Reader reader(profile);
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const PinDescription& pin = card->description().pins.at(0);
    PinOutcome outcome;
    unsigned tries_left = 0;
    unsigned attempts = 0;
    do {
        outcome = card->unblock_pin(transaction, pin, new_pin("99999999", "876543"));
        if (attempts++ > 0 && outcome.tries_left)
            CHECK(*outcome.tries_left == tries_left - 1);
        tries_left = outcome.tries_left.value_or(0);
    } while (outcome.kind == PinOutcome::Kind::Wrong);
    CHECK(outcome.kind == PinOutcome::Kind::Blocked);
    const bool five = profile.starts_with("fineid") || profile.starts_with("isoapplet");
    CHECK(attempts == (profile == "piv" ? 3 : five ? 5 : 10)); // MyEID's PUKs have ten tries
    CHECK(card->unblock_pin(transaction, pin, new_pin("12345678", "876543")).kind ==
          PinOutcome::Kind::Blocked);
    CHECK(card->verify(transaction, pin, value_of(pin)) == PinOutcome{});
}

TEST_CASE("activation__code_sets_both_pins__card_is_active") {
    const auto [activation, code] = GENERATE(table<Activation, std::string_view>({
        {Activation::BlockedPins, "12345678"},
        {Activation::FactoryPins, "7654321"},
    }));
    Reader reader("fineid-v4", activation);
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    const auto& pins = card->description().pins;
    const auto set = [&](const PinDescription& pin, std::string_view value) {
        return activation == Activation::BlockedPins
                   ? card->unblock_pin(transaction, pin, new_pin(code, value))
                   : card->change_pin(transaction, pin, new_pin(code, value));
    };
    CHECK(set(pins.at(0), "4321") == PinOutcome{});
    CHECK(set(pins.at(1), "654321") == PinOutcome{});
    CHECK(card->verify(transaction, pins.at(0), fakes::pin_value("4321")) == PinOutcome{});
    CHECK(card->verify(transaction, pins.at(1), fakes::pin_value("654321")) == PinOutcome{});
    std::vector<PinStatus> statuses;
    for (const PinDescription& pin : pins)
        statuses.push_back(card->pin_status(transaction, pin));
    CHECK(card->activation_state(statuses) == ActivationState::Active);
}

TEST_CASE("log_out__fineid_pins_to_be_kept__are_and_the_others_not") {
    const auto [keep, pin1_stays, pin2_stays] = GENERATE(table<PinSet, bool, bool>({
        {{}, false, false},
        {{0x11}, true, false},
        {{0x82}, false, true},
        {{0x11, 0x82}, true, true},
    }));
    Reader reader(GENERATE("fineid-v3", "fineid-v4"));
    const auto card = reader.open();
    const auto& pins = card->description().pins;
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    REQUIRE(card->verify(transaction, pins.at(0), fakes::pin_value("1234")) == PinOutcome{});
    REQUIRE(card->verify(transaction, pins.at(1), fakes::pin_value("123456")) == PinOutcome{});
    CHECK(card->log_out(transaction, keep));
    CHECK(card->is_verified(transaction, pins.at(0)) == pin1_stays);
    CHECK(card->is_verified(transaction, pins.at(1)) == pin2_stays);
}

TEST_CASE("log_out__fineid_that_does_not_know_the_command__ends_pin_2_and_says_what_it_cannot") {
    fakes::VirtualCard model("fineid-v4");
    fakes::CardModel card_model = model.model();
    fakes::CardChannel channel(model.protocol(), {[&](ByteView command) {
                                                      if (command[1] == 0x20 && command[2] == 0xFF)
                                                          return Bytes{0x6A, 0x86};
                                                      return card_model.transmit(command);
                                                  },
                                                  card_model.reset});
    Transaction transaction(channel);
    PublicDataCache cache("");
    const auto card = open_card(transaction, model.atr(), cache);
    const auto& pins = card->description().pins;
    CHECK(card->log_out(transaction, {})); // nothing was verified, so nothing is left
    REQUIRE(card->verify(transaction, pins.at(0), fakes::pin_value("1234")) == PinOutcome{});
    REQUIRE(card->verify(transaction, pins.at(1), fakes::pin_value("123456")) == PinOutcome{});
    CHECK(card->log_out(transaction, {0x11}));
    CHECK(card->is_verified(transaction, pins.at(0)));
    CHECK_FALSE(card->is_verified(transaction, pins.at(1)));
    CHECK(error_of([&] { (void)card->log_out(transaction, {}); }) == ErrorCode::CardError);
}

TEST_CASE("log_out__myeid_pin_to_be_kept__all_end_and_it_says_so") {
    Reader reader("myeid");
    const auto card = reader.open();
    const auto& pins = card->description().pins;
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    REQUIRE(card->verify(transaction, pins.at(0), fakes::pin_value("1234")) == PinOutcome{});
    CHECK_FALSE(card->log_out(transaction, {pins.at(0).reference}));
    CHECK_FALSE(card->is_verified(transaction, pins.at(0)));
}

TEST_CASE("pin_status__asked__costs_no_try") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    for (const PinDescription& pin : card->description().pins) {
        const PinStatus first = card->pin_status(transaction, pin);
        CHECK(card->pin_status(transaction, pin) == first);
        CHECK_FALSE(first.blocked);
        const bool has_silent_puk = reader.profile.starts_with("isoapplet") || reader.profile == "piv";
        const bool is_told = pin.role != PinRole::Puk || !has_silent_puk;
        CHECK(first.tries_left.value_or(is_told ? 0 : 3) >= 3);
    }
}

TEST_CASE("log_out__pin_presented__key_needs_it_again") {
    Reader reader(GENERATE(from_range(profiles)));
    const auto card = reader.open();
    const KeyDescription& key = key_for(*card, /*non_repudiation=*/false);
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    CHECK(card->log_out(transaction, {})); // nothing to log out of
    present_pin(*card, transaction, key);
    CHECK(card->is_verified(transaction, pin_of(*card, key)));
    CHECK(card->log_out(transaction, {}));
    CHECK_FALSE(card->is_verified(transaction, pin_of(*card, key)));
    CHECK(error_of([&] { (void)card->sign(transaction, key, first_mechanism(key), Bytes(32)); }) ==
          ErrorCode::PinRequired);
}

TEST_CASE("activation_state__fineid__follows_counters_and_change_flags") {
    using enum ActivationState;
    const auto [activation, expected] = GENERATE(table<Activation, ActivationState>({
        {Activation::Active, Active},
        {Activation::BlockedPins, BlockedPins},
        {Activation::FactoryPins, FactoryPins},
    }));
    Reader reader("fineid-v4", activation);
    const auto card = reader.open();
    Transaction transaction(reader.channel);
    card->select_application(transaction);
    std::vector<PinStatus> statuses;
    for (const PinDescription& pin : card->description().pins)
        statuses.push_back(card->pin_status(transaction, pin));
    CHECK(card->activation_state(statuses) == expected);
}

TEST_CASE("activation_state__fineid_pins_in_all_combinations__is_what_the_issuer_says") {
    Reader reader("fineid-v4");
    const auto card = reader.open();
    const PinStatus puk{.tries_left = 5, .factory_value = std::nullopt};
    const PinStatus in_use{.tries_left = 5, .factory_value = false};
    const PinStatus locked_by_holder{.tries_left = 0, .blocked = true, .factory_value = false};
    const PinStatus delivered_blocked{.tries_left = 0, .blocked = true, .factory_value = true};
    const PinStatus blocked_unknown{.tries_left = 0, .blocked = true, .factory_value = std::nullopt};
    const PinStatus preset{.tries_left = 5, .factory_value = true};
    const auto state = [&](const PinStatus& pin1, const PinStatus& pin2) {
        return card->activation_state({pin1, pin2, puk});
    };
    CHECK(state(in_use, in_use) == ActivationState::Active);
    CHECK(state(locked_by_holder, locked_by_holder) == ActivationState::Active);
    CHECK(state(in_use, blocked_unknown) == ActivationState::Active);
    CHECK(state(blocked_unknown, blocked_unknown) == ActivationState::BlockedPins);
    CHECK(state(delivered_blocked, delivered_blocked) == ActivationState::BlockedPins);
    CHECK(state(in_use, delivered_blocked) == ActivationState::BlockedPins); // broken off after PIN 1
    CHECK(state(in_use, preset) == ActivationState::FactoryPins);
    CHECK(state(preset, preset) == ActivationState::FactoryPins);
    CHECK(card->activation_state({}) == ActivationState::Active);
}

TEST_CASE("open__fineid_platform_of_another_issuer__is_not_claimed") {
    Reader reader("myeid");
    Transaction transaction(reader.channel);
    const Bytes fineid_atr = fakes::VirtualCard("fineid-v4").atr();
    const auto card = open_card(transaction, fineid_atr, reader.cache);
    CHECK(card->description().driver == "pkcs15"); // which reads it all the same
    CHECK(card->description().keys.size() == 4);
}
