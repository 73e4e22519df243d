// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/iso7816_card.hpp"

#include "common/error.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;

namespace {

/// Signs anything with a signature of a given length.
class TestCard : public Iso7816Card {
public:
    explicit TestCard(std::size_t signature_length = 64)
        : Iso7816Card(CardDescription{}), signature_length_(signature_length) {}

    void select_application(Transaction&) override { ++selected; }

    unsigned selected = 0;

protected:
    Bytes compute_signature(Transaction&, const KeyDescription&, const SignatureMechanism&,
                            ByteView) override {
        return Bytes(signature_length_);
    }

private:
    std::size_t signature_length_;
};

PinDescription pin() {
    PinDescription description;
    description.reference = 0x01;
    description.stored_length = 8;
    description.pad_byte = 0xFF;
    return description;
}

KeyDescription ec_key() {
    KeyDescription key;
    key.label = "key";
    key.algorithm = KeyAlgorithm::Ec;
    key.bits = 256;
    key.mechanisms = digest_mechanisms(KeyAlgorithm::Ec);
    return key;
}

struct Rig {
    fakes::FileCard model{Protocol::T1};
    fakes::CardChannel channel{Protocol::T1, model.model()};
    Transaction transaction{channel};
    TestCard card;
};

template <typename Action>
ErrorCode error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("verify__right_wrong_and_blocked__are_outcomes") {
    using Kind = PinOutcome::Kind;
    Rig rig;
    const auto verify = [&](std::string_view value) {
        return rig.card.verify(rig.transaction, pin(), fakes::pin_value(value));
    };
    CHECK(verify("9999") == PinOutcome{Kind::Wrong, 2u});
    CHECK(verify("1234") == PinOutcome{Kind::Accepted, std::nullopt});
    CHECK(rig.model.tries_left == 3);
    CHECK(verify("9999") == PinOutcome{Kind::Wrong, 2u});
    CHECK(verify("9999") == PinOutcome{Kind::Wrong, 1u});
    CHECK(verify("9999") == PinOutcome{Kind::Blocked, std::nullopt});
    CHECK(verify("1234") == PinOutcome{Kind::Blocked, std::nullopt});
}

TEST_CASE("pin_outcome__other_status_words__are_bad_length_or_an_error") {
    using Kind = PinOutcome::Kind;
    CHECK(pin_outcome({0x6700}, "check the PIN").kind == Kind::BadLength);
    CHECK(pin_outcome({0x6A80}, "check the PIN").kind == Kind::BadLength);
    CHECK(pin_outcome({0x6984}, "check the PIN").kind == Kind::Blocked);
    CHECK(pin_outcome({0x63C0}, "check the PIN").kind == Kind::Blocked);
    CHECK(pin_outcome({0x6300}, "check the PIN") == PinOutcome{Kind::Wrong, std::nullopt});
    CHECK(error_of([] { (void)pin_outcome({0x6D00}, "check the PIN"); }) == ErrorCode::CardError);
    CHECK(error_of([] { (void)pin_outcome({0x6110}, "check the PIN"); }) == ErrorCode::CardError);
}

TEST_CASE("pin_status__any_state__is_told_without_a_try") {
    Rig rig;
    PinStatus status = rig.card.pin_status(rig.transaction, pin());
    CHECK(status.tries_left == 3u);
    CHECK_FALSE(status.verified);
    CHECK_FALSE(status.blocked);
    (void)rig.card.verify(rig.transaction, pin(), fakes::pin_value("1234"));
    CHECK(rig.card.pin_status(rig.transaction, pin()).verified);
    rig.model.tries_left = 0;
    status = rig.card.pin_status(rig.transaction, pin());
    CHECK(status.blocked);
    CHECK(status.tries_left == 0u);
    PinDescription unknown = pin();
    unknown.reference = 0x55;
    CHECK(rig.card.pin_status(rig.transaction, unknown) == PinStatus{});
}

TEST_CASE("log_out__by_default__selects_the_application") {
    Rig rig;
    CHECK(rig.card.log_out(rig.transaction, {}));
    CHECK(rig.card.selected == 1);
    CHECK_FALSE(rig.card.log_out(rig.transaction, {0x01})); // which keeps nothing
    CHECK(rig.card.selected == 2);
    CHECK(rig.card.activation_state({}) == ActivationState::Active);
}

TEST_CASE("sign__card_returns_another_length__throws_card_error") {
    Rig rig;
    TestCard card(GENERATE(0u, 63u, 65u));
    CHECK(error_of([&] {
              (void)card.sign(rig.transaction, ec_key(), {SignatureScheme::Ecdsa, Digest::Sha256}, Bytes(32));
          }) == ErrorCode::CardError);
}

TEST_CASE("sign__bad_input__throws_before_the_card_is_asked") {
    Rig rig;
    const auto attempt = [&](SignatureMechanism mechanism, std::size_t length) {
        return error_of([&] { (void)rig.card.sign(rig.transaction, ec_key(), mechanism, Bytes(length)); });
    };
    CHECK(attempt({SignatureScheme::RsaPss, Digest::Sha256}, 32) == ErrorCode::MechanismUnsupported);
    CHECK(attempt({SignatureScheme::Ecdsa, Digest::Sha256}, 31) == ErrorCode::DigestLengthInvalid);
    CHECK(attempt({SignatureScheme::Ecdsa, Digest::None}, 0) == ErrorCode::DigestLengthInvalid);
    CHECK(attempt({SignatureScheme::Ecdsa, Digest::None}, 129) == ErrorCode::DigestLengthInvalid);
}

TEST_CASE("fit_to_field__shorter_and_longer_digests__keep_the_number_ecdsa_signs") {
    CHECK(to_hex(fit_to_field(hex("AABB"), 4)) == "0000AABB");
    CHECK(to_hex(fit_to_field(hex("AABBCCDD"), 4)) == "AABBCCDD");
    CHECK(to_hex(fit_to_field(hex("AABBCCDDEE"), 4)) == "AABBCCDD");
}

TEST_CASE("signature_size__odd_field__is_rounded_up_to_bytes") {
    KeyDescription key = ec_key();
    key.bits = 521;
    CHECK(signature_size(key) == 132);
    key.algorithm = KeyAlgorithm::Rsa;
    key.bits = 3072;
    CHECK(signature_size(key) == 384);
}
