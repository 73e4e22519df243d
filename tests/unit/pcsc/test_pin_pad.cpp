// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "daemon/crypto/digest.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/unit/pcsc/bench.hpp"
#include "tests/unit/pcsc/real_card.hpp"

#include <winscard.h>

using namespace digisign;
using namespace digisign::tests;
using namespace std::chrono_literals;
using Answer = Bench::Answer;
using Kind = card::PinOutcome::Kind;
using fakes::FakeKeys;
using Values = std::vector<std::string>;

namespace {

/// A citizen card, MyEID, or a card whose PINs are not padded, in a reader with keys.
struct PinPadBench : Bench {
    explicit PinPadBench(const std::string& profile = "fineid-v4", FakeKeys description = {})
        : keys(std::make_shared<FakeKeys>(std::move(description))),
          card(std::make_shared<RealCard>(profile)),
          pin1(profile == "fineid-v4" ? 0x11 : 0x01),
          pin2(profile == "fineid-v4" ? 0x82 : 0x02) {
        settings.worker.open_card = real_card_opener();
        start_with(card, keys);
        (void)card->take_headers();
    }

    void person_types(FakeKeys::Typed typed) {
        keys->type = [this, typed = std::move(typed)](const pin_pad_reader::PinEntry& entry) {
            last = entry;
            return typed;
        };
    }

    core::PinResult verify(std::uint8_t pin, card::PinSet keep = {}) {
        Answer answer;
        service->verify(session(), {{pin, card::OnPinPad{}}, std::move(keep)}, timeout, told(answer));
        await(answer);
        return *answer.outcome;
    }

    core::PinResult set_pin(core::SetPinRequest::Proof proof, std::uint8_t pin) {
        Answer answer;
        service->set_pin(session(), {proof, pin, card::OnPinPad{90s}, {}}, timeout, told(answer));
        await(answer);
        return *answer.outcome;
    }

    std::size_t sent(std::string_view header) {
        return static_cast<std::size_t>(std::ranges::count(card->take_headers(), header));
    }

    std::shared_ptr<FakeKeys> keys;
    std::shared_ptr<RealCard> card;
    std::uint8_t pin1;
    std::uint8_t pin2;
    pin_pad_reader::PinEntry last; ///< what the person was asked for
};

card::PinOutcome outcome(const core::PinResult& result) {
    return std::get<card::PinOutcome>(result);
}

ErrorCode code(const core::PinResult& result) {
    return std::get<Error>(result).code();
}

} // namespace

TEST_CASE("reader_with_keys__announced_with_what_they_can_do") {
    Bench bench;
    bench.winscard.start_service();
    bench.winscard.plug_reader("both", std::make_shared<FakeKeys>());
    bench.winscard.plug_reader("verify", std::make_shared<FakeKeys>(FakeKeys{.modify = false}));
    bench.winscard.plug_reader("none");
    bench.start();
    bench.await("added both verifies modifies");
    bench.await("added verify verifies");
    bench.await("added none");
}

TEST_CASE("verify__typed_on_the_reader__right_and_wrong_are_outcomes") {
    PinPadBench bench(GENERATE("fineid-v4", "myeid", "pkcs15"));
    bench.person_types(Values{"1234"});
    CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{});
    CHECK(bench.last.timeout == 60s);
    CHECK(bench.last.min_length == 4);
    CHECK_FALSE(bench.card->is_verified(bench.pin1)); // and logged out
    bench.person_types(Values{"9999"});
    const card::PinOutcome wrong = outcome(bench.verify(bench.pin1));
    CHECK(wrong == card::PinOutcome{Kind::Wrong, bench.card->tries_left("pin1")});
    CHECK(bench.keys->entries == 2);
}

TEST_CASE("verify__kept__signs_afterwards") {
    PinPadBench bench(GENERATE("fineid-v4", "myeid", "pkcs15"));
    bench.person_types(Values{"1234"});
    CHECK(outcome(bench.verify(bench.pin1, {bench.pin1})) == card::PinOutcome{});
    CHECK(bench.card->is_verified(bench.pin1));
    CHECK(bench.events.count("login lost") == 0);
}

TEST_CASE("verify__readers_own_words__are_outcomes_that_cost_no_try") {
    const auto [word, kind] = GENERATE(table<std::uint16_t, Kind>({
        {0x6400, Kind::PadTimedOut},
        {0x6401, Kind::PadCancelled},
        {0x6403, Kind::BadLength},
    }));
    PinPadBench bench;
    bench.person_types(word);
    CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{kind, {}});
    CHECK(bench.sent("00200011") == 0);
    CHECK(bench.card->tries_left("pin1") == 5);
    bench.person_types(Values{"1234"});
    CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{});
}

TEST_CASE("verify__too_few_digits__reader_sends_nothing") {
    PinPadBench bench;
    bench.person_types(Values{"123"});
    CHECK(outcome(bench.verify(bench.pin1)).kind == Kind::BadLength);
    CHECK(bench.card->tries_left("pin1") == 5);
}

TEST_CASE("change__typed_on_the_reader__old_new_and_new_again") {
    PinPadBench bench(GENERATE("fineid-v4", "myeid", "pkcs15"));
    using enum core::SetPinRequest::Proof;
    bench.person_types(Values{"1234", "4321", "4322"});
    CHECK(outcome(bench.set_pin(OldPin, bench.pin1)).kind == Kind::PadMismatch);
    bench.person_types(Values{"9999", "4321", "4321"});
    CHECK(outcome(bench.set_pin(OldPin, bench.pin1)).kind == Kind::Wrong);
    bench.person_types(Values{"1234", "4321", "4321"});
    CHECK(outcome(bench.set_pin(OldPin, bench.pin1)) == card::PinOutcome{});
    CHECK(bench.last.timeout == 90s);
    bench.person_types(Values{"4321"});
    CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{});
}

TEST_CASE("unblock__typed_on_the_reader__puk_and_the_new_pin_twice") {
    PinPadBench bench(GENERATE("fineid-v4", "myeid", "pkcs15"));
    using enum core::SetPinRequest::Proof;
    bench.person_types(Values{"99999999", "654321", "654321"});
    CHECK(outcome(bench.set_pin(Puk, bench.pin2)).kind == Kind::Wrong);
    bench.person_types(Values{"12345678", "654321", "654321"});
    CHECK(outcome(bench.set_pin(Puk, bench.pin2)) == card::PinOutcome{});
    bench.person_types(Values{"654321"});
    CHECK(outcome(bench.verify(bench.pin2)) == card::PinOutcome{});
}

TEST_CASE("sign__pin_2_typed_on_the_reader__is_signed_and_logged_out") {
    PinPadBench bench;
    bench.person_types(Values{"123456"});
    core::SignRequest request;
    request.key_id = {0x46};
    request.mechanism = {SignatureScheme::Ecdsa, Digest::Sha256};
    request.data = crypto::digest_of(Digest::Sha256, as_bytes("a document"));
    request.pin = core::PresentedPin{bench.pin2, card::OnPinPad{}};
    Answer answer;
    bench.service->sign(bench.session(), std::move(request), Bench::timeout,
                        [&](core::SignResult result) { answer.signature = std::move(result); });
    bench.await(answer);
    CHECK(std::holds_alternative<Bytes>(*answer.signature));
    CHECK(bench.keys->entries == 1);
}

TEST_CASE("reader_that_cannot__says_so_and_nobody_is_asked") {
    SECTION("no keys at all") {
        Bench bench;
        bench.settings.worker.open_card = real_card_opener();
        bench.start_with(std::make_shared<RealCard>("fineid-v4"));
        Answer answer;
        bench.service->verify(bench.session(), {{0x11, card::OnPinPad{}}, {}}, Bench::timeout,
                              Bench::told(answer));
        bench.await(answer);
        CHECK(Bench::error_of(answer) == ErrorCode::NotSupported);
    }
    SECTION("keys for VERIFY alone") {
        PinPadBench bench("fineid-v4", {.modify = false});
        CHECK(code(bench.set_pin(core::SetPinRequest::Proof::OldPin, 0x11)) == ErrorCode::NotSupported);
        CHECK(bench.keys->entries == 0);
    }
    SECTION("shorter PINs than the card's, told in advance") {
        PinPadBench bench("fineid-v4", {.limits = {.max_length = 8}});
        CHECK(code(bench.verify(0x11)) == ErrorCode::NotSupported);
        CHECK(bench.keys->entries == 0);
    }
    SECTION("shorter PINs than the card's, found out by the reader") {
        const auto tells = GENERATE(FakeKeys::Tells::Structure, FakeKeys::Tells::Nothing);
        PinPadBench bench("fineid-v4", {.tells = tells, .limits = {.max_length = 8}});
        CHECK(code(bench.verify(0x11)) == ErrorCode::NotSupported);
        CHECK(bench.keys->entries == 0);
        CHECK(bench.card->tries_left("pin1") == 5);
    }
    SECTION("long enough for MyEID") {
        PinPadBench bench("myeid", {.limits = {.max_length = 8}});
        bench.person_types(Values{"1234"});
        CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{});
    }
}

TEST_CASE("driver_fails_while_somebody_types__is_named_and_the_reader_works_again") {
    const auto [result, expected] = GENERATE(table<long, ErrorCode>({
        {SCARD_E_TIMEOUT, ErrorCode::PinPadTimedOut},
        {SCARD_E_UNSUPPORTED_FEATURE, ErrorCode::NotSupported},
        {SCARD_E_NOT_TRANSACTED, ErrorCode::CardMute},
        {SCARD_W_RESET_CARD, ErrorCode::CardReset},
        {SCARD_F_COMM_ERROR, ErrorCode::PcscUnavailable},
    }));
    PinPadBench bench;
    bench.person_types(result);
    CHECK(code(bench.verify(bench.pin1)) == expected);
    CHECK(bench.keys->entries == 1); // never again by itself
    if (expected == ErrorCode::PcscUnavailable)
        return; // the monitor finds out
    bench.person_types(Values{"1234"});
    CHECK(outcome(bench.verify(bench.pin1)) == card::PinOutcome{});
}

TEST_CASE("driver_says_cancelled_by_itself__is_the_cancel_key") {
    PinPadBench bench;
    bench.person_types(SCARD_W_CANCELLED_BY_USER);
    CHECK(outcome(bench.verify(bench.pin1)).kind == Kind::PadCancelled);
}

TEST_CASE("card_pulled_while_somebody_types__is_said") {
    PinPadBench bench;
    bench.keys->type = [&](const pin_pad_reader::PinEntry&) {
        bench.winscard.remove_card("R");
        return FakeKeys::Typed(SCARD_E_NOT_TRANSACTED);
    };
    CHECK(code(bench.verify(bench.pin1)) == ErrorCode::CardRemoved);
    bench.await("state R empty");
}

TEST_CASE("nobody_types__deadline_names_the_keys_and_later_requests_wait") {
    PinPadBench bench;
    std::atomic<bool> waiting{false};
    std::atomic<bool> over{false};
    bench.keys->type = [&](const pin_pad_reader::PinEntry&) {
        waiting = true;
        while (!over)
            std::this_thread::yield();
        return FakeKeys::Typed(std::uint16_t{0x6400});
    };
    Answer first;
    Answer second;
    bench.service->verify(bench.session(), {{0x11, card::OnPinPad{}}, {}}, 75s, Bench::told(first));
    bench.service->read_pin_status(bench.session(), {0x11}, Bench::timeout,
                                   [&](core::PinStatusResult result) { second.status = std::move(result); });
    bench.loop.run_until([&] { return waiting.load(); });
    bench.loop.advance(Bench::timeout);
    CHECK(Bench::error_of(second) == ErrorCode::CardBusy);
    CHECK(std::get<Error>(*second.status).what() ==
          std::string("the reader waits for a PIN to be typed on its keys"));
    CHECK_FALSE(first.is_here());
    bench.loop.advance(75s - Bench::timeout);
    CHECK(Bench::error_of(first) == ErrorCode::PinPadTimedOut);
    CHECK(bench.events.lines.back() == "state R busy");
    over = true;
    bench.await("state R present", 2);
}

TEST_CASE("cancelled_while_somebody_types__nothing_is_signed_with_what_is_typed") {
    PinPadBench bench;
    std::atomic<bool> waiting{false};
    std::atomic<bool> cancelled{false};
    bench.keys->type = [&](const pin_pad_reader::PinEntry&) {
        waiting = true;
        while (!cancelled)
            std::this_thread::yield();
        return FakeKeys::Typed(Values{"123456"});
    };
    core::SignRequest request;
    request.key_id = {0x46};
    request.mechanism = {SignatureScheme::Ecdsa, Digest::Sha256};
    request.data = Bytes(32);
    request.pin = core::PresentedPin{bench.pin2, card::OnPinPad{}};
    bool answered = false;
    const auto id = bench.service->sign(bench.session(), std::move(request), Bench::timeout,
                                        [&](const core::SignResult&) { answered = true; });
    bench.loop.run_until([&] { return waiting.load(); });
    bench.service->cancel(id);
    cancelled = true;
    Answer after;
    bench.read_pin_status(after);
    bench.await(after);
    CHECK_FALSE(answered);
    CHECK(bench.sent("002A9E9A") == 0);
    CHECK_FALSE(bench.card->is_verified(bench.pin2));
}
