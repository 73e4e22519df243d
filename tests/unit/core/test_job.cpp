// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

TEST_CASE("sign__right_pin__returns_the_signature_after_one_verify") {
    Bench bench;
    const auto job = bench.start_sign();
    CHECK(job->waiting_for() == Job::WaitingFor::Card);
    bench.reader.answer_one(); // tries left
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(job->waiting_for() == Job::WaitingFor::Pin);
    CHECK(bench.reader.waiting.empty()); // nothing is with the card while a person types
    bench.agent->type("123456");
    bench.reader.answer_one();

    REQUIRE(bench.outcomes.size() == 1);
    CHECK(bench.outcomes[0].kind == JobOutcome::Kind::Done);
    CHECK(bench.outcomes[0].signature == Bytes{0xAA, 0xBB});
    CHECK(bench.reader.verify_count == 1);
    CHECK(job->state() == Job::State::Finished);
    CHECK(bench.jobs.empty());
}

TEST_CASE("sign__prompt__says_who_asks_for_what_and_how_many_tries_are_left") {
    Bench bench;
    bench.reader.pins[pin_2].tries_left = 3;
    bench.start_sign();
    bench.reader.answer_one();
    const PinPrompt& prompt = bench.agent->shown.front().prompt;
    CHECK(prompt.purpose == "sign");
    CHECK(prompt.pin_label == "PIN 2 (signature)");
    CHECK(prompt.tries_left == 3U);
    CHECK(prompt.key_label == "signature key");
    CHECK(prompt.document == "contract.pdf");
    CHECK(prompt.requester.pid == 42);
    CHECK(prompt.requester.executable == "/usr/bin/test");
    CHECK(prompt.problem == PinPrompt::Problem::None);
}

TEST_CASE("sign__wrong_pin__asks_again_with_the_new_counter") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->type("999999");
    bench.reader.answer_one();
    CHECK(bench.outcomes.empty());
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(bench.agent->shown.front().prompt.problem == PinPrompt::Problem::Incorrect);
    CHECK(bench.agent->shown.front().prompt.tries_left == 4U);
    CHECK(bench.registry.find_token(session)->find_pin(pin_2)->status->tries_left == 4U);
    bench.agent->type("123456");
    bench.reader.answer_one();
    CHECK(bench.outcomes.at(0).kind == JobOutcome::Kind::Done);
    CHECK(bench.reader.verify_count == 2);
}

TEST_CASE("sign__wrong_pin_from_a_descriptor__fails_after_one_verify_and_tells_the_tries_left") {
    Bench bench;
    bench.agent = std::make_shared<FakeAgent>(false);
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->type("999999");
    bench.reader.answer_one();
    REQUIRE(bench.outcomes.size() == 1);
    CHECK(bench.failure() == ErrorCode::PinIncorrect);
    CHECK(bench.outcomes[0].tries_left == 4U);
    CHECK(bench.reader.verify_count == 1);
    CHECK(bench.agent->shown.empty());
}

TEST_CASE("sign__last_try_without_a_person__is_refused_and_nothing_is_sent") {
    Bench bench;
    bench.agent = std::make_shared<FakeAgent>(false);
    bench.reader.pins[pin_2].tries_left = 1;
    bench.start_sign();
    bench.reader.answer_one();
    CHECK(bench.failure() == ErrorCode::LastTryRefused);
    CHECK(bench.agent->shown.empty());
    CHECK(bench.reader.verify_count == 0);
}

TEST_CASE("sign__last_try_with_a_person__is_asked_for_and_then_blocked") {
    Bench bench;
    bench.reader.pins[pin_2].tries_left = 1;
    bench.start_sign();
    bench.reader.answer_one();
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(bench.agent->shown.front().prompt.tries_left == 1U);
    bench.agent->type("999999");
    bench.reader.answer_one();
    CHECK(bench.failure() == ErrorCode::PinBlocked);
    CHECK(bench.registry.find_token(session)->find_pin(pin_2)->status->blocked);
}

TEST_CASE("sign__right_pin_at_a_low_counter__has_the_counter_read_again") {
    for (const unsigned tries : {1U, 2U, 5U}) {
        Bench bench;
        bench.reader.pins[pin_2].tries_left = tries;
        bench.start_sign();
        bench.reader.answer_one();
        bench.agent->type("123456");
        bench.reader.answer_one();
        CHECK(bench.outcomes.at(0).kind == JobOutcome::Kind::Done);
        CHECK(bench.reader.refreshed == (tries < 3 ? 1U : 0U));
    }
}

TEST_CASE("sign__blocked_pin__fails_without_asking") {
    Bench bench;
    bench.reader.pins[pin_2].tries_left = 0;
    bench.start_sign();
    bench.reader.answer_one();
    CHECK(bench.failure() == ErrorCode::PinBlocked);
    CHECK(bench.agent->shown.empty());
}

TEST_CASE("sign__pin_of_wrong_length_or_letters__is_asked_again_and_never_sent") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->type("12345");
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(bench.agent->shown.front().prompt.problem == PinPrompt::Problem::Length);
    bench.agent->type("1234567890123");
    CHECK(bench.agent->shown.front().prompt.problem == PinPrompt::Problem::Length);
    bench.agent->type("12345a");
    CHECK(bench.agent->shown.front().prompt.problem == PinPrompt::Problem::Characters);
    CHECK(bench.reader.verify_count == 0);
}

TEST_CASE("sign__factory_pin__says_that_the_card_needs_activation") {
    Bench bench;
    bench.reader.pins[pin_2].factory = true;
    bench.start_sign();
    bench.reader.answer_one();
    CHECK(bench.failure() == ErrorCode::NeedsActivation);
}

TEST_CASE("sign__person_declines__is_cancelled") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->answer(Error(ErrorCode::Cancelled, "the PIN was not given"));
    CHECK(bench.outcomes.at(0).kind == JobOutcome::Kind::Cancelled);
    CHECK(bench.reader.verify_count == 0);
}

TEST_CASE("sign__card_removed_while_typing__takes_the_prompt_away") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.registry.on_card_removed(reader_name, session);
    CHECK(bench.failure() == ErrorCode::CardRemoved);
    CHECK(bench.agent->shown.empty());
    CHECK(bench.agent->cancelled == std::vector{ErrorCode::CardRemoved});
    CHECK(bench.jobs.empty());
}

TEST_CASE("sign__card_removed_while_signing__withdraws_the_request_and_reports_it") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->type("123456");
    bench.registry.on_card_removed(reader_name, session);
    CHECK(bench.failure() == ErrorCode::CardRemoved);
    CHECK(bench.reader.withdrawn == 1);
}

TEST_CASE("sign__card_fault__is_passed_on") {
    Bench bench;
    bench.reader.fault = Error(ErrorCode::CardMute, "the card does not answer");
    bench.start_sign();
    bench.reader.answer_one();
    CHECK(bench.failure() == ErrorCode::CardMute);
}

TEST_CASE("cancel__while_typing__ends_the_job_once") {
    Bench bench;
    const auto job = bench.start_sign();
    bench.reader.answer_one();
    job->cancel(Error(ErrorCode::Cancelled, "cancelled"));
    job->cancel(Error(ErrorCode::Cancelled, "cancelled"));
    CHECK(bench.outcomes.size() == 1);
    CHECK(bench.agent->cancelled == std::vector{ErrorCode::Cancelled});
}

TEST_CASE("verify__right_pin__is_done_and_signs_nothing") {
    Bench bench;
    bench.start_verify();
    bench.reader.answer_one();
    bench.agent->type("1234");
    bench.reader.answer_one();
    CHECK(bench.outcomes.at(0).kind == JobOutcome::Kind::Done);
    CHECK(bench.reader.sign_count == 0);
}

TEST_CASE("two_jobs__one_card__ask_one_after_the_other") {
    Bench bench;
    bench.start_sign(client_a);
    const auto second = bench.start_sign(client_b);
    bench.reader.answer_one();
    CHECK(bench.agent->shown.size() == 1);
    CHECK(second->state() == Job::State::Queued);
    bench.agent->type("123456");
    bench.reader.answer_one();
    CHECK(bench.outcomes.size() == 1);
    CHECK(second->state() == Job::State::Running);
    bench.reader.answer_one();
    CHECK(bench.agent->shown.size() == 1);
}

TEST_CASE("hang_up__ends_the_jobs_of_that_client_only") {
    Bench bench;
    bench.start_sign(client_a);
    const auto other = bench.start_sign(client_b);
    bench.reader.answer_one();
    bench.jobs.cancel_all_of(client_a);
    CHECK(bench.outcomes.size() == 1);
    CHECK(bench.outcomes[0].kind == JobOutcome::Kind::Cancelled);
    CHECK(other->state() == Job::State::Running); // its turn has come
}
