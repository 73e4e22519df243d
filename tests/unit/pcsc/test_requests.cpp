// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "tests/unit/pcsc/bench.hpp"

using namespace digisign;
using namespace digisign::tests;
using namespace std::chrono_literals;
using Answer = Bench::Answer;
using Kind = card::PinOutcome::Kind;

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_change = 0x24;
constexpr std::uint8_t ins_pso = 0x2A;
constexpr std::uint8_t ins_select = 0xA4;

/// Runs `what` once, before the card performs its next command with this instruction.
void before_next(SimpleCard& card, std::uint8_t ins, std::function<void()> what) {
    card.before_command = [&card, ins, run = std::move(what)](std::uint8_t actual) {
        if (actual != ins)
            return;
        const auto once = run;
        card.before_command = nullptr;
        once();
    };
}

} // namespace

TEST_CASE("sign__right_pin__signature_and_card_logged_out") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    CHECK(bench.signs());
    CHECK(card->verify_commands() == 1);
    CHECK_FALSE(card->is_verified());
}

TEST_CASE("sign__wrong_pin__outcome_and_no_signature_attempted") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    Answer answer;
    bench.sign(answer, wrong_pin());
    bench.await(answer);
    CHECK(std::get<card::PinOutcome>(*answer.signature) == card::PinOutcome{Kind::Wrong, 2});
    CHECK(card->sign_commands() == 0);
}

TEST_CASE("sign__without_pin__card_refuses_and_stays_usable") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    Answer answer;
    bench.sign(answer, std::nullopt);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::PinRequired);
    CHECK(bench.signs());
}

TEST_CASE("sign__unknown_key__no_pin_is_sent") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    Answer answer;
    core::SignRequest request;
    request.key_id = {0x46};
    request.pin = core::PresentedPin{simple_card_pin_reference, right_pin()};
    bench.service->sign(bench.session(), std::move(request), Bench::timeout,
                        [&](core::SignResult result) { answer.signature = std::move(result); });
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::KeyNotFound);
    CHECK(card->verify_commands() == 0);
}

TEST_CASE("sign__card_fails_after_verify__is_logged_out_all_the_same") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_pso, [] { throw Error(ErrorCode::CardError, "the card is out of order"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardError);
    CHECK_FALSE(card->is_verified());
}

TEST_CASE("sign__card_cannot_log_out__is_reset") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    card->cannot_log_out = true;
    bench.start_with(card);
    CHECK(bench.signs());
    CHECK_FALSE(card->is_verified());
    CHECK(bench.signs());
}

TEST_CASE("verify__outcomes_and_tries_left") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    const auto verify = [&](PinValue pin) {
        Answer answer;
        bench.verify(answer, std::move(pin));
        bench.await(answer);
        return std::get<card::PinOutcome>(*answer.outcome);
    };
    CHECK(verify(wrong_pin()) == card::PinOutcome{Kind::Wrong, 2});
    CHECK(verify(right_pin()) == card::PinOutcome{Kind::Accepted, {}});
    CHECK_FALSE(card->is_verified());
    CHECK(verify(wrong_pin()) == card::PinOutcome{Kind::Wrong, 2});
    CHECK(verify(wrong_pin()) == card::PinOutcome{Kind::Wrong, 1});

    Answer status;
    bench.read_pin_status(status);
    bench.await(status);
    CHECK(std::get<card::PinStatus>(*status.status).tries_left == 1u);

    CHECK(verify(wrong_pin()).kind == Kind::Wrong);
    CHECK(verify(right_pin()).kind == Kind::Blocked);
    bench.service->refresh_pin_statuses(bench.session());
    bench.await("pins", 2);
    CHECK(bench.events.statuses.at(0).blocked);
}

// Sanitizers keep copies of what was freed, and have too much memory to search.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("pin__not_in_memory_after_any_end_of_a_request") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    {
        const PinValue control = right_pin();
        REQUIRE(count_right_pin_in_memory() > 0); // the search finds what is there
    }
    REQUIRE(count_right_pin_in_memory() == 0);

    SECTION("signed") {
        CHECK(bench.signs());
    }
    SECTION("verified") {
        Answer answer;
        bench.verify(answer, right_pin());
        bench.await(answer);
    }
    SECTION("changed") {
        Answer answer;
        bench.set_pin(answer, core::SetPinRequest::Proof::OldPin, right_pin());
        bench.await(answer);
        CHECK(std::get<card::PinOutcome>(*answer.outcome).kind == Kind::Accepted);
    }
    SECTION("unblocked with a wrong PUK") {
        Answer answer;
        bench.set_pin(answer, core::SetPinRequest::Proof::Puk, wrong_pin());
        bench.await(answer);
        CHECK(std::get<card::PinOutcome>(*answer.outcome).kind == Kind::Wrong);
    }
    SECTION("card removed while the new PIN was with it") {
        before_next(*card, ins_change, [&] { bench.winscard.remove_card("R"); });
        Answer answer;
        bench.set_pin(answer, core::SetPinRequest::Proof::OldPin, right_pin());
        bench.await(answer);
        CHECK(Bench::error_of(answer) == ErrorCode::CardRemoved);
    }
    SECTION("unknown PIN") {
        Answer answer;
        bench.service->verify(bench.session(), {{0x77, right_pin()}, {}}, Bench::timeout,
                              Bench::told(answer));
        bench.await(answer);
        CHECK(Bench::error_of(answer) == ErrorCode::InvalidArgument);
    }
    SECTION("card removed while the PIN was with it") {
        before_next(*card, ins_verify, [&] { bench.winscard.remove_card("R"); });
        Answer answer;
        bench.sign(answer);
        bench.await(answer);
    }
    SECTION("signing goes on while the PIN is gone already") {
        std::size_t during = 99;
        before_next(*card, ins_pso, [&] { during = count_right_pin_in_memory(); });
        CHECK(bench.signs());
        CHECK(during == 0);
    }
    SECTION("withdrawn before it started") {
        bench.winscard.begin_foreign_transaction("R");
        Answer first;
        Answer second;
        bench.read_pin_status(first);
        bench.loop.run_until([&] { return bench.winscard.foreign_waits() == 1; });
        bench.service->cancel(bench.sign(second));
        CHECK(count_right_pin_in_memory() == 0);
        bench.winscard.end_foreign_transaction("R");
        bench.await(first);
    }
    SECTION("out of time before it started") {
        bench.winscard.begin_foreign_transaction("R");
        Answer first;
        Answer second;
        bench.read_pin_status(first);
        bench.loop.run_until([&] { return bench.winscard.foreign_waits() == 1; });
        bench.sign(second);
        bench.loop.advance(Bench::timeout);
        CHECK(second.is_here());
        CHECK(count_right_pin_in_memory() == 0);
        bench.winscard.end_foreign_transaction("R");
        bench.await("state R present", 2);
    }
    CHECK(count_right_pin_in_memory() == 0);
}
#endif

TEST_CASE("reset_by_another_program_before_verify__starts_over_unnoticed") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    bench.winscard.reset_card("R");
    CHECK(bench.signs());
    CHECK(card->verify_commands() == 1);
}

TEST_CASE("reset_found_out_by_verify__is_reported_since_the_pin_may_have_gone_out") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_select, [&] { bench.winscard.reset_card("R"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardReset);
    CHECK(bench.signs());
}

TEST_CASE("reset_again_and_again__is_reported") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    card->before_command = [&](std::uint8_t ins) {
        if (ins == ins_select)
            bench.winscard.reset_card("R");
    };
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardReset);
    CHECK(card->verify_commands() == 0);
    card->before_command = nullptr;
    CHECK(bench.signs());
}

TEST_CASE("reset_after_verify__is_reported_and_the_pin_not_sent_again") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_verify, [&] { bench.winscard.reset_card("R"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardReset);
    CHECK(card->verify_commands() == 1);
    CHECK(bench.signs());
}

TEST_CASE("card_removed_in_the_middle__is_said_and_the_next_card_works") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    const std::uint8_t ins = GENERATE(ins_select, ins_verify, ins_pso);
    before_next(*card, ins, [&] { bench.winscard.remove_card("R"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardRemoved);
    bench.await("state R empty");

    bench.winscard.insert_card("R", card);
    bench.await("state R present", 2);
    CHECK(bench.signs());
}

TEST_CASE("reader_unplugged_in_the_middle__is_said_as_removal") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_pso, [&] { bench.winscard.unplug_reader("R"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardRemoved);
    bench.await("lost R");
}

TEST_CASE("service_killed_in_the_middle__is_said_and_works_after_restart") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_pso, [&] { bench.winscard.stop_service(true); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    const auto error = Bench::error_of(answer); // which of the two threads notices first is open
    CHECK((error == ErrorCode::PcscUnavailable || error == ErrorCode::CardRemoved));
    bench.await("pcsc unavailable");
    bench.winscard.start_service();
    bench.await("state R present", 2);
    CHECK(bench.signs());
}

TEST_CASE("card_exchanged_while_not_connected__does_not_get_the_other_cards_pin") {
    Bench bench;
    bench.settings.worker.linger = 1ms;
    const auto first = std::make_shared<SimpleCard>("1001");
    const auto second = std::make_shared<SimpleCard>("1002");
    bench.start_with(first);
    bench.loop.run_until([&] { return bench.winscard.connections() == 0; });
    // The loop does not run in between, so the request is still for the first card.
    bench.winscard.exchange_card("R", second);
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardRemoved);
    CHECK(second->verify_commands() == 0);
    bench.await("state R present", 2);
    CHECK(bench.signs());
}

TEST_CASE("session_that_has_ended__answers_removed_and_not_from_within_the_call") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.winscard.remove_card("R");
    bench.await("state R empty");
    Answer answer;
    bench.sign(answer);
    CHECK_FALSE(answer.is_here());
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::CardRemoved);

    Answer cancelled;
    bench.service->cancel(bench.sign(cancelled));
    Answer later;
    bench.sign(later);
    bench.await(later);
    CHECK_FALSE(cancelled.is_here());
}

TEST_CASE("hanging_reader__is_answered_in_time_and_the_late_result_dropped") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    bench.winscard.hang_transmit("R");
    Answer first;
    Answer second;
    bench.sign(first);
    bench.loop.run_until([&] { return bench.winscard.hanging() == 1; });
    bench.sign(second);

    bench.loop.advance(Bench::timeout - 1ms);
    CHECK_FALSE(first.is_here());
    bench.loop.advance(1ms);
    CHECK(Bench::error_of(first) == ErrorCode::CardMute);
    CHECK(Bench::error_of(second) == ErrorCode::CardMute);
    CHECK(bench.events.lines.back() == "state R mute");

    first.signature.reset();
    bench.winscard.resume_transmit("R");
    bench.await("state R present", 2);
    CHECK_FALSE(first.is_here());
    CHECK(card->verify_commands() == 0); // it hung at SELECT: an overdue request takes no further step
    CHECK(bench.signs());
}

TEST_CASE("other_programs_transaction__is_answered_busy_in_time") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    bench.winscard.begin_foreign_transaction("R");
    Answer first;
    Answer second;
    bench.sign(first);
    bench.loop.run_until([&] { return bench.winscard.foreign_waits() == 1; });
    bench.sign(second);
    bench.loop.advance(Bench::timeout);
    CHECK(Bench::error_of(first) == ErrorCode::CardBusy);
    CHECK(Bench::error_of(second) == ErrorCode::CardBusy);
    CHECK(bench.events.lines.back() == "state R busy");

    bench.winscard.end_foreign_transaction("R");
    bench.await("state R present", 2);
    CHECK(card->verify_commands() == 0);
    CHECK(bench.signs());
}

TEST_CASE("cancelled_while_it_waits__pin_is_not_sent") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    bench.winscard.begin_foreign_transaction("R");
    Answer answer;
    const core::RequestId request = bench.sign(answer);
    bench.loop.run_until([&] { return bench.winscard.foreign_waits() == 1; });
    bench.service->cancel(request);
    bench.winscard.end_foreign_transaction("R");
    CHECK(bench.signs());
    CHECK_FALSE(answer.is_here());
    CHECK(card->verify_commands() == 1);
}

TEST_CASE("cancelled_after_verify__nothing_is_signed_and_the_card_logged_out") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    Answer answer;
    core::RequestId request{};
    std::atomic<bool> cancel{false};
    std::atomic<bool> cancelled{false};
    before_next(*card, ins_verify, [&] {
        cancel = true;
        while (!cancelled)
            std::this_thread::yield();
    });
    request = bench.sign(answer);
    bench.loop.run_until([&] { return cancel.load(); });
    bench.service->cancel(request);
    cancelled = true;
    Answer after;
    bench.read_pin_status(after);
    bench.await(after);
    CHECK_FALSE(answer.is_here());
    CHECK(card->sign_commands() == 0);
    CHECK_FALSE(card->is_verified());
}

TEST_CASE("removed_while_the_reader_hangs__answered_after_the_grace") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.winscard.hang_transmit("R");
    Answer running;
    Answer queued;
    bench.sign(running);
    bench.loop.run_until([&] { return bench.winscard.hanging() == 1; });
    bench.sign(queued);
    bench.winscard.remove_card("R");
    bench.await("state R empty");
    CHECK(Bench::error_of(queued) == ErrorCode::CardRemoved);
    CHECK_FALSE(running.is_here());
    bench.loop.advance(bench.settings.removal_grace);
    CHECK(Bench::error_of(running) == ErrorCode::CardRemoved);

    bench.winscard.resume_transmit("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.await("state R present", 2);
    CHECK(bench.signs());
}

TEST_CASE("reader_hangs_while_a_card_is_read__shows_mute_until_it_returns") {
    Bench bench;
    bench.winscard.start_service();
    bench.winscard.plug_reader("R");
    bench.start();
    bench.await("added R");
    bench.winscard.hang_transmit("R");
    bench.winscard.insert_card("R", std::make_shared<SimpleCard>());
    bench.loop.run_until([&] { return bench.winscard.hanging() == 1; });
    bench.loop.advance(bench.settings.open_patience);
    CHECK(bench.events.lines.back() == "state R mute");
    bench.winscard.resume_transmit("R");
    bench.await("state R present");
    CHECK(bench.signs());
}

TEST_CASE("reader_hangs_at_the_end__shutdown_does_not_wait_for_it") {
    Bench bench;
    bench.settings.stop_patience = 50ms;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.winscard.hang_transmit("R");
    Answer answer;
    bench.sign(answer);
    bench.loop.run_until([&] { return bench.winscard.hanging() == 1; });
    const auto start = std::chrono::steady_clock::now();
    bench.service.reset();
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    // The thread that was left behind ends when the reader returns, and touches nothing of ours.
    bench.winscard.resume_transmit("R");
    bench.loop.run_until([&] { return bench.winscard.contexts() == 0; });
    CHECK_FALSE(answer.is_here());
}

TEST_CASE("unplugged_reader_hangs__others_go_on") {
    Bench bench;
    bench.start_with(std::make_shared<SimpleCard>());
    bench.winscard.plug_reader("S");
    bench.winscard.insert_card("S", std::make_shared<SimpleCard>("1002"));
    bench.await("state S present");
    const core::CardSessionId second = bench.session();

    std::atomic<bool> release{false};
    std::atomic<bool> inside{false};
    const auto stuck = std::make_shared<SimpleCard>("1003");
    bench.winscard.exchange_card("R", stuck);
    bench.await("state R present", 2);
    before_next(*stuck, ins_select, [&] {
        inside = true;
        while (!release)
            std::this_thread::yield();
    });
    Answer hanging;
    bench.sign(hanging);
    bench.loop.run_until([&] { return inside.load(); });
    bench.winscard.unplug_reader("R");
    bench.await("lost R");
    bench.loop.advance(bench.settings.removal_grace);
    CHECK(Bench::error_of(hanging) == ErrorCode::CardRemoved);

    Answer status;
    bench.service->read_pin_status(second, {simple_card_pin_reference}, Bench::timeout,
                                   [&](core::PinStatusResult result) { status.status = result; });
    bench.await(status);
    CHECK(std::get<card::PinStatus>(*status.status).tries_left == 3u);
    release = true;
}

TEST_CASE("driver_throws_something_unexpected__is_an_error_and_no_crash") {
    Bench bench;
    const auto card = std::make_shared<SimpleCard>();
    bench.start_with(card);
    before_next(*card, ins_pso, [] { throw std::out_of_range("a defect"); });
    Answer answer;
    bench.sign(answer);
    bench.await(answer);
    CHECK(Bench::error_of(answer) == ErrorCode::Internal);
    CHECK_FALSE(card->is_verified());
    CHECK(bench.signs());
}
