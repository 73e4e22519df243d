// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "daemon/card/check_signature.hpp"
#include "daemon/crypto/digest.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/unit/pcsc/bench.hpp"
#include "tests/unit/pcsc/real_card.hpp"

using namespace digisign;
using namespace digisign::tests;
using namespace std::chrono_literals;
using Answer = Bench::Answer;
using Kind = card::PinOutcome::Kind;
using Headers = std::vector<std::string>;

namespace {

const card::PinOutcome accepted{};

constexpr char deselect[] = "00A4000C023F00"; // another program selects the MF

/// A profile of the virtual card with the references of its PINs and the iDs of keys they guard.
struct Profile {
    std::string name;
    std::uint8_t pin1;
    std::uint8_t pin2;
    Bytes key1;
    Bytes key2;
};

const Profile fineid{"fineid-v4", 0x11, 0x82, {0x45}, {0x46}};
const Profile myeid{"myeid", 0x01, 0x02, {0x02}, {0x04}};
const Profile generic{"pkcs15", 0x01, 0x02, {0x01}, {0x02}};
const Profile piv{"piv", 0x80, 0x00, {0x05}, {0x02}};         // key 9C has the PIN of the others
const Profile isoapplet{"isoapplet", 0x01, 0x00, {0x02}, {}}; // one PIN, of which VERIFY does not tell

struct LoginBench : Bench {
    explicit LoginBench(const Profile& which) : profile(which), card(std::make_shared<RealCard>(which.name)) {
        settings.worker.open_card = real_card_opener();
        start_with(card);
        (void)card->take_headers();
    }

    core::PinResult verify(std::uint8_t pin, std::string_view value, card::PinSet keep) {
        Answer answer;
        service->verify(session(), {{pin, fakes::pin_value(value)}, std::move(keep)}, timeout, told(answer));
        await(answer);
        return *answer.outcome;
    }

    /// PIN 1, and it stays verified.
    void log_in() {
        REQUIRE(std::get<card::PinOutcome>(verify(profile.pin1, value1(), {profile.pin1})) == accepted);
        REQUIRE(card->is_verified(profile.pin1));
        (void)card->take_headers();
    }

    core::PinResult set_pin(core::SetPinRequest::Proof proof, std::uint8_t pin, std::string_view old_value,
                            std::string_view new_value, card::PinSet keep) {
        Answer answer;
        service->set_pin(session(),
                         {proof, pin,
                          card::NewPinValues{fakes::pin_value(old_value), fakes::pin_value(new_value)},
                          std::move(keep)},
                         timeout, told(answer));
        await(answer);
        return *answer.outcome;
    }

    core::SignResult sign(const Bytes& key, card::PinSet keep, std::optional<core::PresentedPin> pin = {}) {
        core::SignRequest request;
        request.key_id = key;
        request.mechanism = {SignatureScheme::Ecdsa, Digest::Sha256};
        request.data = crypto::digest_of(Digest::Sha256, as_bytes("a document"));
        request.pin = std::move(pin);
        request.keep = std::move(keep);
        Answer answer;
        service->sign(session(), std::move(request), timeout,
                      [&](core::SignResult result) { answer.signature = std::move(result); });
        await(answer);
        return *answer.signature;
    }

    std::string value1() const { return card->value("pin1"); }

    bool signs_as_it_is() { return std::holds_alternative<Bytes>(sign(profile.key1, {profile.pin1})); }

    bool pin_is_required() {
        const core::SignResult result = sign(profile.key1, {profile.pin1});
        const auto* error = std::get_if<Error>(&result);
        return error != nullptr && error->code() == ErrorCode::PinRequired;
    }

    std::size_t logins_lost() const { return events.count("login lost"); }

    Profile profile;
    std::shared_ptr<RealCard> card;
};

} // namespace

TEST_CASE("log_in__kept__signs_without_pin_and_without_select") {
    LoginBench bench(fineid);
    bench.log_in();
    for (int i = 0; i < 3; ++i) {
        CHECK(bench.signs_as_it_is());
        CHECK(bench.card->take_headers() == Headers{"002241B6", "002A90A0", "002A9E9A"});
    }
    CHECK(bench.logins_lost() == 0);
}

namespace {

const Headers whole_signature{"002241B6", "002A90A0", "002A9E9A"};
const Headers signature_without_environment{"002A90A0", "002A9E9A"};

/// Alone with the card, which is held for the next request until the test ends that.
struct HoldingBench : LoginBench {
    explicit HoldingBench(const Profile& which, std::chrono::milliseconds hold = std::chrono::hours(1))
        : LoginBench(which) {
        service.reset();
        settings.worker.others_present = [this] { return others_present.load(); };
        settings.worker.hold = hold;
        start();
        await("state R present", 2);
        log_in();
    }
    ~HoldingBench() { service.reset(); } // which asks others_present

    std::atomic<bool> others_present{false};
};

} // namespace

TEST_CASE("sign__again_at_once__needs_no_environment") {
    HoldingBench bench(fineid);
    CHECK(bench.signs_as_it_is());
    CHECK(bench.card->take_headers() == whole_signature);
    for (int i = 0; i < 3; ++i) {
        CHECK(bench.signs_as_it_is());
        CHECK(bench.card->take_headers() == signature_without_environment);
    }
    CHECK(bench.winscard.transactions() == 1);
}

TEST_CASE("sign__again_after_a_while__has_let_others_have_the_card") {
    HoldingBench bench(fineid, 0ms);
    for (int i = 0; i < 3; ++i) {
        CHECK(bench.signs_as_it_is());
        bench.loop.run_until([&] { return bench.winscard.transactions() == 0; });
        CHECK(bench.card->take_headers() == whole_signature);
    }
}

TEST_CASE("sign__again_at_once_with_other_programs_about__lets_them_have_the_card") {
    HoldingBench bench(fineid);
    bench.others_present = true;
    for (int i = 0; i < 3; ++i) {
        CHECK(bench.signs_as_it_is());
        bench.loop.run_until([&] { return bench.winscard.transactions() == 0; });
        CHECK(bench.card->take_headers() == whole_signature);
    }
}

TEST_CASE("sign__card_that_forgets_the_environment__is_told_anew_each_time") {
    HoldingBench bench(fineid);
    bool environment = false;
    bench.card->tamper = [&](ByteView command, Bytes& answer) {
        if (command[1] == 0x22)
            environment = true;
        if (command[1] == 0x2A && command[2] == 0x90 && !environment)
            answer = {0x69, 0x85};
        if (command[1] == 0x2A && command[2] == 0x9E)
            environment = false;
    };
    CHECK(bench.signs_as_it_is());
    (void)bench.card->take_headers();
    CHECK(bench.signs_as_it_is()); // finds that out
    CHECK(bench.card->take_headers() == Headers{"002A90A0", "002241B6", "002A90A0", "002A9E9A"});
    CHECK(bench.signs_as_it_is());
    CHECK(bench.card->take_headers() == whole_signature);
    CHECK(bench.logins_lost() == 0);
}

TEST_CASE("sign__card_that_signs_something_else_without_environment__is_not_believed") {
    HoldingBench bench(fineid);
    bool environment = false;
    bench.card->tamper = [&](ByteView command, Bytes& answer) {
        if (command[1] == 0x22)
            environment = true;
        if (command[1] == 0x2A && command[2] == 0x9E && !std::exchange(environment, false))
            answer[0] ^= 1; // of the signature
    };
    CHECK(bench.signs_as_it_is());
    for (int i = 0; i < 3; ++i) {
        const core::SignResult result = bench.sign(bench.profile.key1, {bench.profile.pin1});
        const auto* signature = std::get_if<Bytes>(&result);
        REQUIRE(signature != nullptr);
        card::check_signature(bench.events.last_card, *bench.events.last_card.find_key(bench.profile.key1),
                              {SignatureScheme::Ecdsa, Digest::Sha256},
                              crypto::digest_of(Digest::Sha256, as_bytes("a document")), *signature);
    }
}

TEST_CASE("held_card__reset_by_force__starts_over_and_asks_for_the_pin") {
    HoldingBench bench(fineid);
    CHECK(bench.signs_as_it_is());
    bench.winscard.reset_card("R");
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
    CHECK(bench.winscard.transactions() == 0);
}

TEST_CASE("held_card__pulled_or_logged_out__is_let_go") {
    HoldingBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    CHECK(bench.signs_as_it_is());
    CHECK(bench.winscard.transactions() == 1);
    SECTION("pulled") {
        bench.winscard.remove_card("R");
        bench.await("removed R");
    }
    SECTION("logged out") {
        Answer answer;
        bench.log_out(answer);
        bench.await(answer);
        CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    }
    bench.loop.run_until([&] { return bench.winscard.transactions() == 0; });
}

TEST_CASE("log_in__kept__connection_stays_until_the_log_out") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.service.reset(); // once more, with a worker that lets go at once
    bench.settings.worker.linger = 0ms;
    bench.start();
    bench.await("state R present", 2);
    bench.loop.run_until([&] { return bench.winscard.connections() == 0; });

    bench.log_in();
    const std::size_t connects = bench.winscard.connects();
    for (int i = 0; i < 20; ++i)
        CHECK(bench.signs_as_it_is());
    CHECK(bench.winscard.connects() == connects);

    Answer answer;
    bench.log_out(answer);
    bench.await(answer);
    CHECK_FALSE(Bench::error_of(answer));
    bench.loop.run_until([&] { return bench.winscard.connections() == 0; });
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    CHECK(bench.logins_lost() == 0); // given up, not lost
    CHECK(bench.pin_is_required());
}

TEST_CASE("verify__not_to_be_kept__is_ended") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    CHECK(std::get<card::PinOutcome>(bench.verify(bench.profile.pin1, bench.value1(), {})) == accepted);
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 0);
}

TEST_CASE("sign_with_pin_2__pin_1_kept__fineid_keeps_it_and_others_cannot") {
    const Profile profile = GENERATE(fineid, myeid, generic);
    LoginBench bench(profile);
    bench.log_in();
    const auto result = bench.sign(profile.key2, {profile.pin1},
                                   core::PresentedPin{profile.pin2, fakes::pin_value("123456")});
    CHECK(std::holds_alternative<Bytes>(result));
    CHECK_FALSE(bench.card->is_verified(profile.pin2));
    const bool can_keep = profile.name == fineid.name;
    CHECK(bench.card->is_verified(profile.pin1) == can_keep);
    CHECK(bench.logins_lost() == (can_keep ? 0 : 1));
    CHECK(bench.signs_as_it_is() == can_keep);
    CHECK(bench.logins_lost() == (can_keep ? 0 : 1)); // told once
}

TEST_CASE("sign_with_pin_always__the_same_pin_is_kept_for_other_keys__login_goes_on") {
    LoginBench bench(piv);
    bench.log_in();
    const auto result =
        bench.sign(piv.key2, {piv.pin1}, core::PresentedPin{piv.pin1, fakes::pin_value("123456")});
    CHECK(std::holds_alternative<Bytes>(result));
    CHECK(bench.card->is_verified(piv.pin1));
    CHECK(bench.logins_lost() == 0);
    CHECK(bench.signs_as_it_is());
    (void)bench.card->take_headers();
    const auto without_pin = bench.sign(piv.key2, {piv.pin1});
    CHECK(std::get<Error>(without_pin).code() == ErrorCode::PinRequired);
    CHECK(bench.logins_lost() == 0);
    CHECK(bench.signs_as_it_is());
}

TEST_CASE("verify__wrong_pin_while_it_is_kept__login_is_lost") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.log_in();
    const auto result = bench.verify(bench.profile.pin1, "9999", {bench.profile.pin1});
    CHECK(std::get<card::PinOutcome>(result).kind == Kind::Wrong);
    CHECK(bench.logins_lost() == 1);
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
}

TEST_CASE("verify__wrong_pin_2_while_pin_1_is_kept__fineid_login_goes_on") {
    LoginBench bench(fineid);
    bench.log_in();
    const auto result = bench.verify(fineid.pin2, "999999", {fineid.pin1});
    CHECK(std::get<card::PinOutcome>(result) == card::PinOutcome{Kind::Wrong, 4});
    CHECK(bench.logins_lost() == 0);
    CHECK(bench.signs_as_it_is());
}

TEST_CASE("other_program_resets_the_card__login_is_lost_and_the_pin_required") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.log_in();
    bench.winscard.reset_card("R");
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
}

TEST_CASE("other_program_selects_its_application__is_selected_back_for_the_next_signature") {
    LoginBench bench(fineid);
    bench.log_in();
    REQUIRE(bench.card->send(deselect) == "9000");
    CHECK(bench.signs_as_it_is());
    CHECK(bench.logins_lost() == 0);
    (void)bench.card->take_headers();
    CHECK(bench.signs_as_it_is());
    CHECK(bench.card->take_headers().size() == 3);
}

TEST_CASE("other_program_selects_its_application__a_login_that_ends_by_it_is_lost") {
    LoginBench bench(GENERATE(myeid, generic));
    bench.log_in();
    REQUIRE(bench.card->send(deselect) == "9000");
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
}

TEST_CASE("other_program_ends_the_verification__login_is_lost_and_the_pin_required") {
    LoginBench bench(fineid);
    bench.log_in();
    REQUIRE(bench.card->send("0020FF11") == "9000");
    CHECK(bench.pin_is_required());
    CHECK(bench.logins_lost() == 1);
}

TEST_CASE("sign_with_pin__signature_of_another_key__is_refused_and_the_card_logged_out") {
    LoginBench bench(fineid);
    bench.card->tamper = [&](ByteView command, Bytes& answer) {
        if (command[1] == 0x2A && command[2] == 0x9E && answer.size() > 10)
            answer[5] ^= 0x01;
    };
    const auto result =
        bench.sign(fineid.key1, {}, core::PresentedPin{fineid.pin1, fakes::pin_value("1234")});
    CHECK(std::get<Error>(result).code() == ErrorCode::SignatureInvalid);
    CHECK_FALSE(bench.card->is_verified(fineid.pin1));
}

TEST_CASE("sign__refused_before_the_card_is_asked__login_goes_on") {
    LoginBench bench(myeid);
    bench.log_in();
    core::SignRequest request;
    request.key_id = myeid.key1;
    request.mechanism = {SignatureScheme::RsaPss, Digest::Sha256};
    request.data = Bytes(32);
    request.keep = {myeid.pin1};
    Answer answer;
    bench.service->sign(bench.session(), std::move(request), Bench::timeout,
                        [&](core::SignResult result) { answer.signature = std::move(result); });
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::MechanismUnsupported);
    CHECK(bench.card->take_headers().empty());
    CHECK(bench.signs_as_it_is());
}

TEST_CASE("pin_status__asked_while_a_pin_is_kept__does_not_end_it") {
    LoginBench bench(GENERATE(fineid, myeid, generic));
    bench.log_in();
    bench.service->refresh_pin_statuses(bench.session());
    bench.await("pins", 2);
    Answer answer;
    bench.service->read_pin_status(bench.session(), {bench.profile.pin2}, Bench::timeout,
                                   [&](core::PinStatusResult result) { answer.status = std::move(result); });
    bench.await(answer);
    CHECK(std::get<card::PinStatus>(*answer.status).tries_left.value() >= 3);
    CHECK(bench.card->is_verified(bench.profile.pin1));
    CHECK(bench.logins_lost() == 0);
    CHECK(bench.signs_as_it_is());
}

TEST_CASE("pin_status__asked_after_another_program_deselected__is_our_applications") {
    LoginBench bench(fineid);
    bench.log_in();
    REQUIRE(bench.card->send(deselect) == "9000");
    Answer answer;
    bench.service->read_pin_status(bench.session(), {fineid.pin2}, Bench::timeout,
                                   [&](core::PinStatusResult result) { answer.status = std::move(result); });
    bench.await(answer);
    CHECK(std::get<card::PinStatus>(*answer.status).tries_left == 5u);
    CHECK(bench.logins_lost() == 0);
}

TEST_CASE("change__right_old_pin__the_new_one_works_and_nothing_is_verified") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    const std::uint8_t pin = bench.profile.pin1;
    const std::string old_value = bench.value1();
    using enum core::SetPinRequest::Proof;
    CHECK(std::get<card::PinOutcome>(bench.set_pin(OldPin, pin, old_value, "876543", {})) == accepted);
    CHECK_FALSE(bench.card->is_verified(pin));
    CHECK(std::get<card::PinOutcome>(bench.verify(pin, old_value, {})).kind == Kind::Wrong);
    CHECK(std::get<card::PinOutcome>(bench.verify(pin, "876543", {})).kind == Kind::Accepted);
    CHECK(bench.logins_lost() == 0);
}

TEST_CASE("change__of_the_pin_that_is_kept__login_is_lost") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.log_in();
    const std::uint8_t pin = bench.profile.pin1;
    CHECK(std::get<card::PinOutcome>(bench.set_pin(core::SetPinRequest::Proof::OldPin, pin, bench.value1(),
                                                   "876543", {pin})) == accepted);
    CHECK_FALSE(bench.card->is_verified(pin));
    CHECK(bench.logins_lost() == 1);
}

TEST_CASE("unblock__of_pin_2_while_pin_1_is_kept__fineid_login_goes_on") {
    LoginBench bench(fineid);
    bench.log_in();
    using enum core::SetPinRequest::Proof;
    CHECK(std::get<card::PinOutcome>(bench.set_pin(Puk, fineid.pin2, "12345678", "654321", {fineid.pin1})) ==
          accepted);
    CHECK(std::get<card::PinOutcome>(bench.set_pin(Puk, fineid.pin2, "99999999", "654321", {fineid.pin1})) ==
          card::PinOutcome{Kind::Wrong, 4});
    CHECK(bench.logins_lost() == 0);
    CHECK(bench.signs_as_it_is());
}

TEST_CASE("set_pin__unknown_reference_or_a_puk__nothing_is_sent") {
    LoginBench bench(fineid);
    using enum core::SetPinRequest::Proof;
    const auto code = [&](core::SetPinRequest::Proof proof, std::uint8_t pin) {
        return std::get<Error>(bench.set_pin(proof, pin, "12345678", "1234", {})).code();
    };
    CHECK(code(OldPin, 0x77) == ErrorCode::InvalidArgument);
    CHECK(code(OldPin, 0x83) == ErrorCode::NotSupported);
    CHECK(code(Puk, 0x83) == ErrorCode::NotSupported);
    for (const std::string& header : bench.card->take_headers())
        CHECK(header == "00A4040C");
    CHECK(bench.card->tries_left("puk") == 5);
}

TEST_CASE("log_out__card_has_no_means__is_reset") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    Answer login;
    bench.verify(login, right_pin(), {simple_card_pin_reference});
    bench.await(login);
    card->cannot_log_out = true;
    Answer answer;
    bench.log_out(answer);
    bench.await(answer);
    CHECK_FALSE(Bench::error_of(answer));
    CHECK_FALSE(card->is_verified());
}

TEST_CASE("end__with_a_login__leaves_no_verified_card_to_others") {
    LoginBench bench(GENERATE(fineid, myeid, generic));
    bench.log_in();
    SECTION("the service ends") {
        bench.service.reset();
    }
    SECTION("log_out after the last one") {
        Answer answer;
        bench.log_out(answer);
        bench.await(answer);
    }
    (void)bench.card->send("00A4040C0CA000000063504B43532D3135");
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
}

TEST_CASE("card_pulled_with_a_login__session_ends_and_the_next_one_has_none") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.log_in();
    bench.winscard.remove_card("R");
    bench.await("state R empty");
    bench.winscard.insert_card("R", bench.card);
    bench.await("state R present", 2);
    CHECK(bench.pin_is_required());
}

TEST_CASE("reader_fails_with_a_login__login_is_lost_and_the_card_reset") {
    LoginBench bench(GENERATE(fineid, myeid, generic, isoapplet, piv));
    bench.log_in();
    bench.card->tamper = [&](ByteView, Bytes& answer) {
        answer.clear(); // what vpcd makes of a card that breaks off
        bench.card->tamper = nullptr;
    };
    const auto result = bench.sign(bench.profile.key1, {bench.profile.pin1});
    CHECK(std::get<Error>(result).code() == ErrorCode::CardMute);
    CHECK(bench.logins_lost() == 1);
    CHECK_FALSE(bench.card->is_verified(bench.profile.pin1));
    CHECK(bench.pin_is_required());
}
