// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests whose answer is a secret: what is deciphered and what is derived.

#include <catch2/catch.hpp>

#include "daemon/crypto/certificate.hpp"
#include "daemon/crypto/openssl_ptr.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/unit/pcsc/bench.hpp"
#include "tests/unit/pcsc/real_card.hpp"

using namespace digisign;
using namespace digisign::tests;
using Answer = Bench::Answer;
using Headers = std::vector<std::string>;

namespace {

constexpr DecipherMechanism pkcs1{DecipherScheme::RsaPkcs1, Digest::None};
constexpr char deselect[] = "00A4000C023F00"; // another program selects the MF

struct Profile {
    std::string name;
    std::uint8_t pin1;
    Bytes rsa_key;
    Bytes ec_key;
};

const Profile fineid_v3{"fineid-v3", 0x11, {0x45}, {}};
const Profile fineid_v4{"fineid-v4", 0x11, {}, {0x45}};
const Profile myeid{"myeid", 0x01, {0x01}, {0x02}};
const Profile piv{"piv", 0x80, {0x03}, {0x05}};
const Profile isoapplet{"isoapplet", 0x01, {0x01}, {}};

struct SecretBench : Bench {
    explicit SecretBench(const Profile& which)
        : profile(which), card(std::make_shared<RealCard>(which.name)) {
        settings.worker.open_card = real_card_opener();
        start_with(card);
    }

    void log_in() {
        Answer answer;
        service->verify(session(), {{profile.pin1, fakes::pin_value(card->value("pin1"))}, {profile.pin1}},
                        timeout, told(answer));
        await(answer);
        REQUIRE(card->is_verified(profile.pin1));
        (void)card->take_headers();
    }

    std::optional<core::PresentedPin> pin1(std::string_view value = {}) const {
        return core::PresentedPin{profile.pin1,
                                  fakes::pin_value(value.empty() ? card->value("pin1") : value)};
    }

    Bytes encrypt(std::string_view text) {
        const Bytes& der = events.last_card.find_certificate(profile.rsa_key)->der;
        const unsigned char* at = der.data();
        const crypto::X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
        const crypto::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(X509_get0_pubkey(certificate.get()), nullptr));
        Bytes cryptogram(256);
        std::size_t length = cryptogram.size();
        const Bytes plain = to_bytes(text);
        REQUIRE(EVP_PKEY_encrypt_init(context.get()) > 0);
        REQUIRE(EVP_PKEY_encrypt(context.get(), cryptogram.data(), &length, plain.data(), plain.size()) > 0);
        return cryptogram;
    }

    core::SecretResult decipher(Bytes cryptogram, card::PinSet keep,
                                std::optional<core::PresentedPin> pin = {}) {
        Answer answer;
        service->decipher(session(),
                          {profile.rsa_key, pkcs1, std::move(cryptogram), std::move(pin), std::move(keep)},
                          timeout, told_secret(answer));
        await(answer);
        return std::move(*answer.secret);
    }

    core::SecretResult derive(Bytes point, card::PinSet keep, std::optional<core::PresentedPin> pin = {}) {
        Answer answer;
        service->derive(session(), {profile.ec_key, std::move(point), std::move(pin), std::move(keep)},
                        timeout, told_secret(answer));
        await(answer);
        return std::move(*answer.secret);
    }

    Bytes point_of_card_curve() {
        const auto curve = events.last_card.find_key(profile.ec_key)->curve;
        const crypto::EvpPkeyPtr key(EVP_EC_gen(curve.c_str()));
        unsigned char* encoded = nullptr;
        const std::size_t length = EVP_PKEY_get1_encoded_public_key(key.get(), &encoded);
        Bytes point(encoded, encoded + length);
        OPENSSL_free(encoded);
        return point;
    }

    static std::function<void(core::SecretResult)> told_secret(Answer& answer) {
        return [&answer](core::SecretResult result) { answer.secret = std::move(result); };
    }

    Profile profile;
    std::shared_ptr<RealCard> card;
};

std::string text_of(const core::SecretResult& result) {
    const auto* plain = std::get_if<SecureBuffer>(&result);
    return plain ? to_string(plain->view()) : "";
}

ErrorCode code_of(const core::SecretResult& result) {
    const auto* error = std::get_if<Error>(&result);
    REQUIRE(error);
    return error->code();
}

} // namespace

TEST_CASE("decipher__with_pin__is_the_plain_text_and_the_card_is_logged_out") {
    SecretBench bench(GENERATE(fineid_v3, myeid, isoapplet, piv));
    CHECK(text_of(bench.decipher(bench.encrypt("for the card"), {}, bench.pin1())) == "for the card");
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    CHECK(code_of(bench.decipher(bench.encrypt("for the card"), {})) == ErrorCode::PinRequired);
}

TEST_CASE("decipher__wrong_pin__is_the_outcome_and_nothing_is_deciphered") {
    SecretBench bench(GENERATE(fineid_v3, myeid, isoapplet, piv));
    (void)bench.card->take_headers();
    const auto result = bench.decipher(bench.encrypt("for the card"), {}, bench.pin1("999999"));
    CHECK(std::get<card::PinOutcome>(result).kind == card::PinOutcome::Kind::Wrong);
    for (const std::string& header : bench.card->take_headers())
        CHECK(header.substr(2, 2) != "2A");
}

TEST_CASE("decipher__during_a_login__takes_no_select") {
    SecretBench bench(GENERATE(fineid_v3, myeid));
    bench.log_in();
    for (int i = 0; i < 2; ++i) {
        CHECK(text_of(bench.decipher(bench.encrypt("for the card"), {bench.profile.pin1})) == "for the card");
        Headers headers = bench.card->take_headers();
        CHECK(headers.front() == "002241B8");
        std::erase(headers, "00C00000"); // T=0 fetches its answer
        CHECK(headers == Headers{"002241B8", "102A8086", "002A8086"});
    }
    CHECK(bench.events.count("login lost") == 0);
}

TEST_CASE("decipher__cryptogram_that_is_no_good__login_goes_on") {
    SecretBench bench(GENERATE(fineid_v3, myeid, isoapplet, piv));
    bench.log_in();
    Bytes cryptogram = bench.encrypt("for the card");
    cryptogram.back() ^= 0x01;
    CHECK(code_of(bench.decipher(cryptogram, {bench.profile.pin1})) == ErrorCode::CryptogramInvalid);
    for (const std::string& header : bench.card->take_headers())
        CHECK(header != "00A4040C"); // an attacker could end logins at will
    CHECK(bench.card->is_verified(bench.profile.pin1));
    CHECK(text_of(bench.decipher(bench.encrypt("for the card"), {bench.profile.pin1})) == "for the card");
    CHECK(bench.events.count("login lost") == 0);
}

TEST_CASE("decipher__another_program_deselected__fineid_login_goes_on_and_others_are_lost") {
    SecretBench bench(GENERATE(fineid_v3, myeid));
    bench.log_in();
    REQUIRE(bench.card->send(deselect) == "9000");
    const auto result = bench.decipher(bench.encrypt("for the card"), {bench.profile.pin1});
    const bool is_global = bench.profile.name == fineid_v3.name;
    CHECK(text_of(result) == (is_global ? "for the card" : ""));
    CHECK(bench.events.count("login lost") == (is_global ? 0 : 1));
}

TEST_CASE("derive__with_pin_and_during_a_login__is_as_long_as_the_field") {
    SecretBench bench(GENERATE(fineid_v4, myeid, piv));
    const Bytes point = bench.point_of_card_curve();
    const auto first = bench.derive(point, {}, bench.pin1());
    REQUIRE(std::holds_alternative<SecureBuffer>(first));
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    bench.log_in();
    const auto second = bench.derive(point, {bench.profile.pin1});
    REQUIRE(std::holds_alternative<SecureBuffer>(second));
    CHECK(std::ranges::equal(std::get<SecureBuffer>(first).view(), std::get<SecureBuffer>(second).view()));
    CHECK(2 * std::get<SecureBuffer>(first).size() + 1 == point.size());
    for (const std::string& header : bench.card->take_headers())
        CHECK(header != "00A4040C");
    CHECK(code_of(bench.derive({0x04, 0x01}, {bench.profile.pin1})) == ErrorCode::InvalidArgument);
    CHECK(bench.card->is_verified(bench.profile.pin1));
}

TEST_CASE("decipher__card_is_gone_or_key_unknown__is_that_error") {
    SecretBench bench(myeid);
    Bytes cryptogram = bench.encrypt("for the card");
    bench.profile.rsa_key = {0x77};
    CHECK(code_of(bench.decipher(cryptogram, {})) == ErrorCode::KeyNotFound);
    bench.winscard.remove_card("R");
    bench.await("state R empty");
    CHECK(code_of(bench.decipher(cryptogram, {})) == ErrorCode::CardRemoved);
}

// Sanitizers keep copies of what was freed, and have too much memory to search.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("decipher__answered_cancelled_or_failed__plain_text_is_where_it_belongs_only") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    const auto decipher = [&](Answer& answer) {
        core::DecipherRequest request;
        request.key_id = {0x45};
        request.mechanism = pkcs1;
        request.cryptogram = {1, 2, 3};
        request.pin = core::PresentedPin{simple_card_pin_reference, right_pin()};
        return bench.service->decipher(bench.session(), std::move(request), Bench::timeout,
                                       SecretBench::told_secret(answer));
    };
    {
        Answer answer;
        decipher(answer);
        bench.await(answer);
        REQUIRE(std::holds_alternative<SecureBuffer>(*answer.secret));
        CHECK(count_right_pin_in_memory() == 1);
    }
    CHECK(count_right_pin_in_memory() == 0);
    SECTION("cancelled while the card has it") {
        Answer answer;
        std::optional<core::RequestId> id;
        bench.winscard.hang_transmit("R");
        id = decipher(answer);
        bench.loop.run_until([&] { return bench.winscard.hanging() == 1; });
        bench.service->cancel(*id);
        bench.winscard.resume_transmit("R");
        Answer next;
        bench.read_pin_status(next);
        bench.await(next);
        CHECK_FALSE(answer.is_here());
    }
    SECTION("card pulled after it was deciphered") {
        card->before_command = [&](std::uint8_t ins) {
            if (ins == 0xA4 && card->sign_commands() > 1) // the log-out
                throw fakes::FailedExchange{SCARD_W_UNRESPONSIVE_CARD};
        };
        Answer answer;
        decipher(answer);
        bench.await(answer);
    }
    CHECK(count_right_pin_in_memory() == 0);
}
#endif
