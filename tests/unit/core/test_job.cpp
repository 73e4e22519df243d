// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

TEST_CASE("sign__right_pin__returns_the_signature_after_one_verify") {
    Bench bench;
    const auto job = bench.start_sign();
    CHECK(job->waiting_for() == WaitingFor::Card);
    bench.reader.answer_one(); // tries left
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(job->waiting_for() == WaitingFor::Pin);
    CHECK(bench.reader.waiting.empty()); // nothing is with the card while a person types
    bench.agent->type("123456");
    bench.reader.answer_one();

    REQUIRE(bench.outcomes.size() == 1);
    CHECK(bench.outcomes[0].kind == JobOutcome::Kind::Done);
    CHECK(bench.outcomes[0].result.signatures == std::vector<Bytes>{Bytes{0xAA, 0x01}});
    CHECK(bench.reader.verify_count == 1);
    CHECK(job->state() == Job::State::Finished);
    CHECK(bench.jobs.empty());
}

TEST_CASE("sign__prompt__says_who_asks_for_what_and_how_many_tries_are_left") {
    Bench bench;
    bench.reader.pins[pin_2].tries_left = 3;
    bench.start_sign();
    bench.reader.answer_one();
    const Prompt& prompt = bench.agent->shown.front().prompt;
    CHECK(prompt.purpose == "sign");
    CHECK(prompt.pin_label == "PIN 2 (signature)");
    CHECK(prompt.tries_left == 3U);
    CHECK(prompt.key_label == "signature key");
    CHECK(prompt.documents == std::vector<std::string>{"contract.pdf"});
    CHECK(prompt.signatures == 1);
    CHECK(prompt.requester.pid == 42);
    CHECK(prompt.requester.executable == "/usr/bin/test");
    CHECK(prompt.problem == Prompt::Problem::None);
}

TEST_CASE("sign__wrong_pin__asks_again_with_the_new_counter") {
    Bench bench;
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->type("999999");
    bench.reader.answer_one();
    CHECK(bench.outcomes.empty());
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(bench.agent->shown.front().prompt.problem == Prompt::Problem::Incorrect);
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
    const auto job = bench.start_sign();
    bench.settle();
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(bench.agent->current().question == Question::LastTry);
    CHECK(bench.agent->current().prompt.tries_left == 1U);
    CHECK(job->waiting_for() == WaitingFor::Consent);
    bench.agent->agree();
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
    bench.agent->type("999999");
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PinBlocked);
    CHECK(bench.registry.find_token(session)->find_pin(pin_2)->status->blocked);
}

TEST_CASE("sign__last_try_not_confirmed__is_cancelled_and_nothing_is_sent") {
    Bench bench;
    bench.reader.pins[pin_2].tries_left = 1;
    bench.start_sign();
    bench.settle();
    bench.agent->agree(false);
    CHECK(bench.outcome().kind == JobOutcome::Kind::Cancelled);
    CHECK(bench.reader.verify_count == 0);
}

TEST_CASE("sign__right_pin_at_a_low_counter__has_the_counter_read_again") {
    for (const unsigned tries : {1U, 2U, 5U}) {
        Bench bench;
        bench.reader.pins[pin_2].tries_left = tries;
        bench.start_sign();
        bench.settle();
        if (tries == 1)
            bench.agent->agree();
        bench.agent->type("123456");
        bench.settle();
        CHECK(bench.done());
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
    CHECK(bench.agent->shown.front().prompt.problem == Prompt::Problem::Length);
    bench.agent->type("1234567890123");
    CHECK(bench.agent->shown.front().prompt.problem == Prompt::Problem::Length);
    bench.agent->type("12345a");
    CHECK(bench.agent->shown.front().prompt.problem == Prompt::Problem::Characters);
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
    CHECK(bench.agent->released.size() == 1);
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
    bench.settle();
    CHECK(bench.outcomes.size() == 1);
    CHECK(second->state() == Job::State::Running);
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
    bench.loop.run_posted();
    CHECK(other->state() == Job::State::Running); // its turn has come
}

TEST_CASE("wrong_pin__offered_again__is_not_sent_whoever_offers_it") {
    Bench bench;
    bench.start_sign(client_a);
    bench.settle();
    bench.agent->type("999999");
    bench.settle();
    bench.agent->type("999999");
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::KnownWrong);
    CHECK(bench.reader.verify_count == 1);
    bench.agent->answer(Error(ErrorCode::Cancelled, "not given"));

    bench.agent = std::make_shared<FakeAgent>(false);
    bench.start_sign(client_b);
    bench.settle();
    bench.agent->type("999999");
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PinIncorrect);
    CHECK(bench.outcome().tries_left == 4U);
    CHECK(bench.reader.verify_count == 1);
}

TEST_CASE("login__of_one_client__does_not_sign_for_another") {
    Bench bench;
    bench.log_in(client_a);
    REQUIRE(bench.done());
    CHECK(bench.reader.verified.contains(pin_1));
    bench.start_sign(client_a, authentication_key);
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.reader.verify_count == 1);

    bench.start_sign(client_b, authentication_key);
    bench.settle();
    REQUIRE(bench.agent->shown.size() == 1); // the card would have signed, but it was not for this client
    CHECK(bench.reader.sign_count == 1);
    bench.agent->type("1234");
    bench.settle();
    CHECK(bench.outcomes.size() == 3);
    CHECK(bench.reader.verified.contains(pin_1)); // still the first client's
}

TEST_CASE("login__while_another_client_is_asked__does_not_wait_behind_the_prompt") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_sign(client_b);
    bench.settle();
    REQUIRE(bench.agent->shown.size() == 1);
    bench.start_sign(client_a, authentication_key);
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.done());
}

TEST_CASE("login__pin_for_each_signature__is_asked_every_time") {
    Bench bench;
    for (unsigned i = 1; i <= 2; ++i) {
        bench.start_sign();
        bench.settle();
        bench.agent->type("123456");
        bench.settle();
        CHECK(bench.reader.sign_count == i);
        CHECK(bench.reader.verify_count == i);
        CHECK(bench.reader.verified.empty());
    }
}

TEST_CASE("login__forgotten_by_the_card__asks_the_person_and_logs_in_again") {
    Bench bench;
    bench.log_in(client_a);
    bench.reader.verified.clear(); // another program reset the card
    bench.start_sign(client_a, authentication_key);
    bench.settle();
    REQUIRE(bench.agent->shown.size() == 1);
    CHECK(!bench.logins.has(client_a, session, pin_1));
    bench.agent->type("1234");
    bench.settle();
    CHECK(bench.reader.sign_count == 1);
    CHECK(bench.logins.has(client_a, session, pin_1));
    CHECK(bench.reader.verified.contains(pin_1));
}

TEST_CASE("login__twice__asks_once") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_verify(client_a, true);
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.done());
    CHECK(bench.reader.verify_count == 1);
}

TEST_CASE("login__wrong_pin_of_another_client__ends_it_for_the_card_has_forgotten") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_sign(client_b, authentication_key);
    bench.settle();
    bench.agent->type("9999");
    bench.settle();
    CHECK(!bench.logins.has(client_a, session, pin_1));
}

TEST_CASE("login__ended_while_another_is_on_its_way__leaves_the_other_verified") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_verify(client_b, true);
    bench.settle();
    bench.agent->type("1234"); // with the card now
    bench.logins.end_all_of(client_a);
    bench.settle();
    CHECK(bench.logins.has(client_b, session, pin_1));
    CHECK(bench.reader.verified.contains(pin_1));
}

TEST_CASE("login__cancelled_while_the_card_checks_it__leaves_nothing_verified") {
    Bench bench;
    const auto job = bench.start_verify(client_a, true);
    bench.settle();
    bench.agent->type("1234");
    bench.reader.verified.insert(pin_1); // the card was faster than the cancellation
    job->cancel(Error(ErrorCode::Cancelled, "cancelled"));
    bench.settle();
    CHECK(bench.reader.verified.empty());
    CHECK(bench.logins.list().empty());
}

TEST_CASE("batch__key_with_pin_for_each_signature__serves_all_with_one_consented_entry") {
    Bench bench;
    bench.start_batch(3);
    bench.settle();
    REQUIRE(bench.agent->current().question == Question::Batch);
    CHECK(bench.agent->current().prompt.documents ==
          std::vector<std::string>{"document 1", "document 2", "document 3"});
    CHECK(bench.agent->current().prompt.signatures == 3);
    CHECK(bench.reader.verify_count == 0);
    bench.agent->agree();
    bench.agent->type("123456");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bench.outcome().result.signatures.size() == 3);
    CHECK(bench.reader.verify_count == 3);
    CHECK(bench.reader.verified.empty());
    CHECK(bench.agent->shown.empty());
}

TEST_CASE("batch__key_with_pin_once__sends_it_once_and_logs_out_at_the_end") {
    Bench bench;
    bench.start_batch(3, authentication_key);
    bench.settle();
    bench.agent->agree();
    bench.agent->type("1234");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bench.reader.verify_count == 1);
    CHECK(bench.reader.verified.empty());
}

TEST_CASE("batch__declined__signs_nothing") {
    Bench bench;
    bench.start_batch(2);
    bench.settle();
    bench.agent->agree(false);
    bench.settle();
    CHECK(bench.outcome().kind == JobOutcome::Kind::Cancelled);
    CHECK(bench.reader.sign_count == 0);
}

TEST_CASE("batch__wrong_pin_first__asks_again_and_then_signs_all") {
    Bench bench;
    bench.start_batch(2);
    bench.settle();
    bench.agent->agree();
    bench.agent->type("999999");
    bench.settle();
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::Incorrect);
    bench.agent->type("123456");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bench.reader.verify_count == 3);
}

TEST_CASE("batch__locked_half_way__ends_and_forgets_the_pin") {
    Bench bench;
    bench.start_batch(2);
    bench.settle();
    bench.agent->agree();
    bench.agent->type("123456");
    bench.loop.run_posted();
    bench.reader.answer_one();
    bench.jobs.cancel_holding_pins(Error(ErrorCode::Cancelled, "locked"));
    CHECK(bench.outcome().kind == JobOutcome::Kind::Cancelled);
    bench.settle();
    CHECK(bench.reader.sign_count == 1);
}

TEST_CASE("pin_pad__reader_with_keys__shows_where_to_type_and_asks_nothing") {
    Bench bench({true, true});
    bench.reader.typed_on_pad = {"123456"};
    const auto job = bench.start_sign();
    bench.reader.answer_one();
    CHECK(job->waiting_for() == WaitingFor::PinPad);
    CHECK(bench.agent->current().kind == FakeAgent::Kind::PinPad);
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.agent->shown.empty());
}

TEST_CASE("pin_pad__nobody_types__is_its_own_error") {
    Bench bench({true, true});
    bench.start_sign();
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PinPadTimedOut);
}

TEST_CASE("pin_pad__person_declines_in_the_window__ends_the_job") {
    Bench bench({true, true});
    bench.start_sign();
    bench.reader.answer_one();
    bench.agent->current().decline(Error(ErrorCode::Cancelled, "no"));
    CHECK(bench.outcome().kind == JobOutcome::Kind::Cancelled);
    CHECK(bench.reader.withdrawn == 1);
}

TEST_CASE("pin_pad__pin_from_a_descriptor__is_used_instead") {
    Bench bench({true, true});
    bench.agent = std::make_shared<FakeAgent>(false);
    bench.start_sign();
    bench.settle();
    bench.agent->type("123456");
    bench.settle();
    CHECK(bench.done());
}

TEST_CASE("pin_pad__reader_cannot_take_such_a_pin__is_typed_at_the_computer") {
    Bench bench({true, true});
    bench.reader.pad_is_too_small = true;
    bench.start_verify();
    bench.settle();
    CHECK(bench.agent->shown.back().kind == FakeAgent::Kind::Pin);
    std::erase_if(bench.agent->shown, [](const auto& s) { return s.kind == FakeAgent::Kind::PinPad; });
    bench.agent->type("1234");
    bench.settle();
    CHECK(bench.done());
}

TEST_CASE("login__pin_for_each_signature__is_good_for_one") {
    Bench bench;
    bench.start_work(VerifyPinWork{pin_2, true, true});
    bench.settle();
    bench.agent->type("123456");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bench.reader.verified.contains(pin_2));
    bench.start_sign();
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.done());
    CHECK(bench.reader.verify_count == 1);
    CHECK(bench.logins.list().empty());
    bench.start_sign();
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
}

TEST_CASE("login__again__checks_the_pin_though_the_client_is_logged_in") {
    Bench bench;
    bench.log_in(client_a);
    bench.agent = std::make_shared<FakeAgent>(false);
    bench.start_work(VerifyPinWork{pin_1, true, true});
    bench.settle();
    bench.agent->type("9999");
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PinIncorrect);
    CHECK(bench.logins.list().empty());
}

TEST_CASE("login__key_that_wants_its_pin_each_time_among_others__is_served_once_by_a_fresh_one") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_sign(client_a, careful_key);
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.done());
    CHECK(bench.logins.has(client_a, session, pin_1)); // for the other keys

    bench.start_sign(client_a, careful_key);
    bench.settle();
    CHECK(bench.outcomes.size() == 2);
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
}

TEST_CASE("login__used_for_another_key__is_not_fresh_until_the_pin_is_entered_again") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_sign(client_a, authentication_key);
    bench.settle();
    SECTION("at the prompt of the key itself") {
        bench.start_sign(client_a, careful_key);
        bench.settle();
        CHECK(bench.outcomes.size() == 2);
        bench.agent->type("1234");
    }
    SECTION("by a log-in before") {
        bench.start_work(VerifyPinWork{pin_1, true, true});
        bench.settle();
        bench.agent->type("1234");
        bench.settle();
        bench.start_sign(client_a, careful_key);
    }
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.reader.sign_count == 2);
    CHECK(bench.reader.verify_count == 2);
    CHECK(bench.agent->shown.empty());
    CHECK(bench.logins.has(client_a, session, pin_1));
}

TEST_CASE("login__good_for_one_use_that_fails__is_used_up") {
    Bench bench;
    bench.start_work(VerifyPinWork{pin_2, true, true});
    bench.settle();
    bench.agent->type("123456");
    bench.settle();
    bench.reader.fault = Error(ErrorCode::CardError, "6F00");
    bench.start_sign();
    bench.settle();
    CHECK(bench.failure() == ErrorCode::CardError);
    CHECK(bench.logins.list().empty());
}
