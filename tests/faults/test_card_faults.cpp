// SPDX-License-Identifier: LGPL-2.1-or-later
// Opening a card, signing with it and setting its PINs, with a fault at every single exchange: the right
// error, the PIN sent at most once, no try lost, and the card usable afterwards.

#include "common/error.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/openssl_ptr.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/fakes/virtual_card.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace digisign;
using namespace digisign::card;
using fakes::Fault;

namespace {

const std::vector<std::string> profiles{"fineid-v3", "fineid-v4", "myeid", "isoapplet", "piv", "pkcs15"};

/// Longer than any scenario: a run of so many exchanges would not end at all.
constexpr std::size_t exchanges_max = 500;

std::set<ErrorCode> expected_errors(Fault fault) {
    switch (fault) {
    case Fault::Removed:
    case Fault::RemovedAfter:
        return {ErrorCode::CardRemoved};
    case Fault::Reset:
        return {ErrorCode::CardReset};
    case Fault::Mute:
        return {ErrorCode::CardMute};
    case Fault::TimedOut:
        return {ErrorCode::TimedOut};
    case Fault::ShortAnswer:
        return {ErrorCode::CardError};
    case Fault::InternalError: // the latter of what was to be deciphered
        return {ErrorCode::CardError, ErrorCode::CryptogramInvalid};
    }
    return {};
}

/// A refusal by the card may be survived (a question that has another way of asking, a log-out that has a
/// second half, a file that others do without); anything else ends the run.
bool may_succeed(Fault fault) {
    return fault == Fault::InternalError;
}

struct Rig {
    explicit Rig(const std::string& profile) : model(profile), channel(model.protocol(), model.model()) {}

    std::unique_ptr<Card> open(PublicDataCache& cache) {
        Transaction transaction(channel);
        return open_card(transaction, model.atr(), cache);
    }

    fakes::VirtualCard model;
    fakes::CardChannel channel;
};

/// Of a card as it is made.
std::string first_value(const PinDescription& pin) {
    return pin.role == PinRole::Signature || pin.min_length >= 6 ? "123456" : "1234";
}

const PinDescription& pin_of(const Card& card, const KeyDescription& key) {
    return *card.description().find_pin(key.pin_reference.value());
}

bool can_sign(const KeyDescription& key) {
    return !key.mechanisms.empty();
}

/// What a reader worker does for one signature.
Bytes sign(Rig& rig, Card& card, const KeyDescription& key) {
    const SignatureScheme scheme =
        key.algorithm == KeyAlgorithm::Ec ? SignatureScheme::Ecdsa : SignatureScheme::RsaPkcs1;
    const Bytes digest = crypto::digest_of(Digest::Sha256, as_bytes("a document"));
    const PinDescription& pin = pin_of(card, key);
    Transaction transaction(rig.channel);
    card.select_application(transaction);
    if (card.pin_status(transaction, pin).blocked)
        throw std::logic_error("the PIN is blocked");
    const PinInput value = fakes::pin_value(first_value(pin));
    if (card.verify(transaction, pin, value) != PinOutcome{})
        throw std::logic_error("the PIN was refused");
    Bytes signature = card.sign(transaction, key, {scheme, Digest::Sha256}, digest);
    (void)card.log_out(transaction, {});
    return signature;
}

crypto::EvpPkeyPtr public_key_of(const Card& card, const KeyDescription& key) {
    const Bytes& der = card.description().find_certificate(key.id)->der;
    const unsigned char* at = der.data();
    const crypto::X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return crypto::EvpPkeyPtr(X509_get_pubkey(certificate.get()));
}

constexpr DecipherMechanism pkcs1{DecipherScheme::RsaPkcs1, Digest::None};

/// "text", with PKCS#1 v1.5.
Bytes encrypt(EVP_PKEY* key) {
    const crypto::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
    const Bytes plain = to_bytes("text");
    Bytes cryptogram(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t length = cryptogram.size();
    REQUIRE(EVP_PKEY_encrypt_init(context.get()) > 0);
    REQUIRE(EVP_PKEY_encrypt(context.get(), cryptogram.data(), &length, plain.data(), plain.size()) > 0);
    return cryptogram;
}

Bytes point_of(EVP_PKEY* key) {
    unsigned char* encoded = nullptr;
    const std::size_t length = EVP_PKEY_get1_encoded_public_key(key, &encoded);
    Bytes point(encoded, encoded + length);
    OPENSSL_free(encoded);
    return point;
}

/// With PIN 1, what `use` does with the key.
template <typename Use>
void use_secretly(Rig& rig, Card& card, const KeyDescription& key, Use use) {
    Transaction transaction(rig.channel);
    card.select_application(transaction);
    if (card.verify(transaction, pin_of(card, key), fakes::pin_value(first_value(pin_of(card, key)))) !=
        PinOutcome{})
        throw std::logic_error("the PIN was refused");
    use(transaction);
    (void)card.log_out(transaction, {});
}

/// Runs `scenario` until it is over before the fault comes: with it at the first exchange, the second, and so
/// on; and each time `afterwards`, with the card in the reader and no fault.
template <typename Scenario, typename Afterwards>
std::size_t sweep(Rig& rig, Fault fault, Scenario scenario, Afterwards afterwards) {
    for (std::size_t exchange = 0; exchange < exchanges_max; ++exchange) {
        CAPTURE(exchange);
        rig.channel.insert();
        rig.channel.forget();
        rig.channel.fail_at(exchange, fault);
        std::optional<ErrorCode> error;
        try {
            scenario();
        } catch (const Error& caught) {
            error = caught.code();
            CHECK(std::string(caught.what()).size() > 10); // a sentence
        }
        CHECK(rig.channel.pins_sent() <= 1);
        const bool over_before_the_fault = rig.channel.commands().size() <= exchange;
        rig.channel.forget();
        if (!over_before_the_fault && error)
            CHECK(expected_errors(fault).contains(*error));
        else if (!over_before_the_fault)
            CHECK(may_succeed(fault));
        rig.channel.insert();
        afterwards();
        if (over_before_the_fault)
            return exchange;
    }
    FAIL("the scenario does not end");
    return 0;
}

template <typename Scenario>
std::size_t sweep(Rig& rig, Fault fault, Scenario scenario) {
    return sweep(rig, fault, scenario, [] {});
}

/// A PIN being given a new value in either way, over and over again.
struct PinSetting {
    Rig& rig;
    Card& card;
    const PinDescription& pin;
    std::string role; ///< of the virtual card
    bool with_puk;
    const std::string first;
    const std::string second;

    const std::string& value() const { return rig.model.state().pins.at(role).value; }
    const std::string& other() const { return value() == first ? second : first; }

    /// What a reader worker does.
    void run() {
        Transaction transaction(rig.channel);
        card.select_application(transaction);
        (void)card.pin_status(transaction, pin);
        const NewPinInput values =
            NewPinValues{fakes::pin_value(with_puk ? "12345678" : value()), fakes::pin_value(other())};
        const PinOutcome outcome =
            with_puk ? card.unblock_pin(transaction, pin, values) : card.change_pin(transaction, pin, values);
        if (outcome != PinOutcome{})
            throw std::logic_error("the new PIN was refused");
        (void)card.log_out(transaction, {});
    }

    /// Old or new, the PIN is one of the two, none of its tries is lost, and it can be used.
    void check() {
        CHECK((value() == first || value() == second));
        Transaction transaction(rig.channel);
        card.select_application(transaction);
        CHECK(card.pin_status(transaction, pin).tries_left.value_or(0) >= 3);
        CHECK(card.verify(transaction, pin, fakes::pin_value(value())) == PinOutcome{});
    }
};

} // namespace

TEST_CASE("open__fault_at_any_exchange__right_error_and_works_the_next_time") {
    const std::string profile = GENERATE(from_range(profiles));
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(profile, static_cast<int>(fault));
    Rig rig(profile);
    PublicDataCache reference_cache("");
    const CardDescription expected = rig.open(reference_cache)->description();

    const std::size_t exchanges = sweep(rig, fault, [&] {
        PublicDataCache cache("");
        (void)rig.open(cache);
    });
    CHECK(exchanges > 20);
    PublicDataCache cache("");
    CHECK(rig.open(cache)->description() == expected);
}

TEST_CASE("open__fault_while_reading_a_known_card__cache_stays_right") {
    const std::string profile = GENERATE(from_range(profiles));
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(profile, static_cast<int>(fault));
    Rig rig(profile);
    PublicDataCache cache("");
    const CardDescription expected = rig.open(cache)->description();
    // The first sweep finds the card in the cache; with an empty one it is what a faulty reading left there.
    (void)sweep(rig, fault, [&] { (void)rig.open(cache); });
    CHECK(rig.open(cache)->description() == expected);
    PublicDataCache filled_under_faults("");
    (void)sweep(rig, fault, [&] { (void)rig.open(filled_under_faults); });
    CHECK(rig.open(filled_under_faults)->description() == expected);
}

TEST_CASE("sign__fault_at_any_exchange__right_error_and_pin_sent_at_most_once") {
    const std::string profile = GENERATE(from_range(profiles));
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(profile, static_cast<int>(fault));
    Rig rig(profile);
    PublicDataCache cache("");
    const auto card = rig.open(cache);
    for (const KeyDescription& key : card->description().keys) {
        if (!key.pin_reference || !can_sign(key))
            continue;
        CAPTURE(key.label);
        const std::size_t exchanges = sweep(rig, fault, [&] { (void)sign(rig, *card, key); });
        CHECK(exchanges >= 5);
        CHECK(sign(rig, *card, key).size() > 0);
        Transaction transaction(rig.channel);
        card->select_application(transaction);
        const PinStatus status = card->pin_status(transaction, pin_of(*card, key));
        CHECK(status.tries_left.value_or(0) >= 3);
    }
}

TEST_CASE("decipher_and_derive__fault_at_any_exchange__right_error_and_pin_sent_at_most_once") {
    const std::string profile = GENERATE(from_range(profiles));
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(profile, static_cast<int>(fault));
    Rig rig(profile);
    PublicDataCache cache("");
    const auto card = rig.open(cache);
    for (const KeyDescription& key : card->description().keys) {
        if (!key.pin_reference)
            continue;
        CAPTURE(key.label);
        const auto public_key = public_key_of(*card, key);
        if (!key.decipher_mechanisms.empty()) {
            const Bytes cryptogram = encrypt(public_key.get());
            const std::size_t exchanges = sweep(rig, fault, [&] {
                use_secretly(rig, *card, key, [&](Transaction& transaction) {
                    const auto plain = card->decipher(transaction, key, pkcs1, cryptogram);
                    CHECK(plain.size() == 4);
                });
            });
            CHECK(exchanges >= 4);
        }
        if (key.can_derive) {
            const Bytes point = point_of(public_key.get()); // its own will do
            const std::size_t exchanges = sweep(rig, fault, [&] {
                use_secretly(rig, *card, key, [&](Transaction& transaction) {
                    const auto secret = card->derive(transaction, key, point);
                    CHECK(secret.size() == key.bits / 8);
                });
            });
            CHECK(exchanges >= 4);
        }
    }
}

TEST_CASE("set_pin__fault_at_any_exchange__pin_is_the_old_or_the_new_one") {
    const std::string profile = GENERATE(from_range(profiles));
    const bool with_puk = GENERATE(false, true);
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(profile, with_puk, static_cast<int>(fault));
    Rig rig(profile);
    PublicDataCache cache("");
    const auto card = rig.open(cache);
    const auto& pins = card->description().pins;
    std::vector<PinSetting> settings{
        {rig, *card, pins.at(0), "pin1", with_puk, first_value(pins.at(0)), "876543"}};
    if (rig.model.state().pins.contains("pin2"))
        settings.push_back({rig, *card, pins.at(1), "pin2", with_puk, "123456", "654321"});
    const unsigned puk_tries = rig.model.state().pins.at("puk").tries_left;
    for (PinSetting& setting : settings) {
        const std::size_t exchanges = sweep(
            rig, fault, [&] { setting.run(); }, [&] { setting.check(); });
        CHECK(exchanges >= 4);
        CHECK(rig.model.state().pins.at("puk").tries_left == puk_tries);
    }
}

TEST_CASE("verify_and_keep__fault_at_any_exchange__never_more_is_kept_than_wanted") {
    const Fault fault =
        GENERATE(from_range(std::vector<Fault>(fakes::all_faults.begin(), fakes::all_faults.end())));
    CAPTURE(static_cast<int>(fault));
    Rig rig("fineid-v4");
    PublicDataCache cache("");
    const auto card = rig.open(cache);
    const auto& pins = card->description().pins;
    bool logged_out = false;
    (void)sweep(
        rig, fault,
        [&] {
            logged_out = false;
            Transaction transaction(rig.channel);
            card->select_application(transaction);
            (void)card->verify(transaction, pins.at(1), fakes::pin_value("123456"));
            logged_out = card->log_out(transaction, {pins.at(0).reference});
            const bool is_left = card->is_verified(transaction, pins.at(1)); // may meet the fault, too
            CHECK_FALSE(is_left);
        },
        [] {});
    CHECK(logged_out);
}

TEST_CASE("transmit_sensitive__card_asks_for_more_or_another_length__is_not_sent_again") {
    const Bytes answer = GENERATE(Bytes{0x61, 0x10}, Bytes{0x6C, 0x10});
    std::size_t sent = 0;
    fakes::CardChannel channel(Protocol::T0, {[&](ByteView) {
                                                  ++sent;
                                                  return answer;
                                              },
                                              [] {}});
    Transaction transaction(channel);
    const auto command =
        iso7816::SensitiveApdu::verify(0x11, fakes::pin_value("1234"), {12, std::uint8_t{0x00}});
    CHECK(transaction.transmit_sensitive(command).status.sw1() == answer[0]);
    CHECK(sent == 1);
}
