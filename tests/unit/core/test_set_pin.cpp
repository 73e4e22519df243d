// SPDX-License-Identifier: LGPL-2.1-or-later
// Changing, unblocking, activating.

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

using Proof = SetPinRequest::Proof;

struct Changing : Bench {
    std::shared_ptr<Job> job = start_work(SetPinWork{Proof::OldPin, pin_1});
    Changing() { settle(); }
};

struct Unblocking : Bench {
    explicit Unblocking(unsigned puk_tries = 5) {
        reader.pins[pin_1].tries_left = 0;
        reader.pins[puk].tries_left = puk_tries;
        start_work(SetPinWork{Proof::Puk, pin_1});
        settle();
    }
};

/// Both PINs blocked, the code is the PUK; or both preset to the code.
struct NewCard : Bench {
    explicit NewCard(card::ActivationState kind) {
        const bool blocked = kind == card::ActivationState::BlockedPins;
        for (const std::uint8_t reference : {pin_1, pin_2})
            reader.pins[reference] = {"7654321", blocked ? 0U : 5U, true};
        registry.on_card_removed(reader_name, session);
        insert(kind);
    }

    void activate() {
        start_work(ActivateWork{});
        settle();
    }
};

} // namespace

TEST_CASE("change__right_old_pin__sets_the_new_one_with_one_command") {
    Changing bench;
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
    CHECK(bench.agent->current().prompt.purpose == "change-pin");
    bench.agent->type("1234");
    CHECK(bench.agent->current().kind == FakeAgent::Kind::NewPin);
    CHECK(bench.reader.waiting.empty()); // the card is free while a person types
    bench.agent->type("8264");
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.reader.pins[pin_1].value == "8264");
    CHECK(bench.reader.verify_count == 1);
    CHECK(bench.reader.refreshed == 1);
    CHECK(bench.agent->released.size() == 1);
}

TEST_CASE("change__is_done__when_the_state_of_the_pins_was_read_again") {
    Changing bench;
    bench.agent->type("1234");
    bench.agent->type("8264");
    bench.reader.answer_one(); // the change
    CHECK(bench.reader.pins[pin_1].value == "8264");
    CHECK(bench.reader.refreshed == 1);
    CHECK_FALSE(bench.done());
    bench.settle();
    CHECK(bench.done());
}

TEST_CASE("change__card_gone_before_the_state_was_read_again__is_done_all_the_same") {
    Changing bench;
    bench.agent->type("1234");
    bench.agent->type("8264");
    bench.reader.answer_one();
    bench.reader.fault = Error(ErrorCode::CardRemoved, "the card was removed");
    bench.settle();
    CHECK(bench.done());
}

TEST_CASE("change__card_removed_once_the_pin_is_set__is_done_all_the_same") {
    Changing bench;
    bench.agent->type("1234");
    bench.agent->type("8264");
    bench.loop.run_posted();
    bench.reader.answer_one(); // CHANGE REFERENCE DATA; what follows only reads
    bench.loop.run_posted();
    CHECK(bench.outcomes.empty());
    bench.remove();
    CHECK(bench.done());
}

TEST_CASE("change__wrong_old_pin__asks_only_for_that_again") {
    Changing bench;
    bench.agent->type("9999");
    bench.agent->type("8264");
    bench.settle();
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::Incorrect);
    CHECK(bench.agent->current().prompt.tries_left == 4U);
    bench.agent->type("1234");
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.reader.pins[pin_1].value == "8264");
}

TEST_CASE("change__trivial_or_same_new_pin__is_warned_about_and_not_refused") {
    Changing bench;
    bench.agent->type("1234");
    bench.agent->type("0000");
    CHECK(bench.agent->current().question == Question::TrivialPin);
    bench.agent->agree();
    bench.settle();
    CHECK(bench.reader.pins[pin_1].value == "0000");

    Changing same;
    same.agent->type("1234");
    same.agent->type("1234");
    CHECK(same.agent->current().question == Question::SamePin);
    same.agent->agree(false);
    CHECK(same.outcome().kind == JobOutcome::Kind::Cancelled);
    CHECK(same.reader.verify_count == 0);
}

TEST_CASE("change__values_from_a_descriptor__are_set_with_warnings") {
    Bench bench;
    bench.agent = std::make_shared<FakeAgent>(false);
    bench.start_work(SetPinWork{Proof::OldPin, pin_1});
    bench.settle();
    bench.agent->type("1234");
    bench.agent->type("1234");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bench.outcome().result.warnings == std::vector<std::string>{"same-pin", "trivial-pin"});
}

TEST_CASE("change__new_pin_too_short__is_asked_again_and_nothing_is_sent") {
    Changing bench;
    bench.agent->type("1234");
    bench.agent->type("82");
    CHECK(bench.agent->current().kind == FakeAgent::Kind::NewPin);
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::Length);
    CHECK(bench.reader.verify_count == 0);
}

TEST_CASE("change__new_pin_the_card_does_not_take__is_its_own_error") {
    Changing bench;
    bench.reader.refused_new_pin = "826491";
    bench.agent->type("1234");
    bench.agent->type("826491");
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PinRejected);
    CHECK(bench.reader.pins[pin_1].value == "1234");
}

TEST_CASE("change__logged_in_client__has_to_log_in_again") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_work(SetPinWork{Proof::OldPin, pin_1}, client_b);
    bench.settle();
    bench.agent->type("1234");
    bench.agent->type("8264");
    bench.settle();
    CHECK(!bench.logins.has(client_a, session, pin_1));
}

TEST_CASE("change__old_wrong_pin_becomes_the_new_one__is_sent_when_it_is_used") {
    Bench bench;
    bench.start_verify();
    bench.settle();
    bench.agent->type("8264");
    bench.settle();
    bench.agent->answer(Error(ErrorCode::Cancelled, "later"));
    bench.start_work(SetPinWork{Proof::OldPin, pin_1});
    bench.settle();
    bench.agent->type("1234");
    bench.agent->type("8264");
    bench.settle();
    REQUIRE(bench.done());
    bench.start_verify();
    bench.settle();
    bench.agent->type("8264");
    bench.settle();
    CHECK(bench.done());
}

TEST_CASE("unblock__right_puk__makes_the_pin_usable") {
    Unblocking bench;
    CHECK(bench.agent->current().prompt.pin_role == "puk");
    CHECK(bench.agent->current().prompt.target == "PIN 1 (basic)");
    CHECK(bench.agent->current().prompt.tries_left == 5U);
    bench.agent->type("12345678");
    bench.agent->type("8264");
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.reader.pins[pin_1].tries_left == 5);
    CHECK(bench.reader.pins[pin_1].value == "8264");
}

TEST_CASE("unblock__last_puk_try__needs_a_confirmation_and_then_blocks_for_good") {
    Unblocking bench(1);
    CHECK(bench.agent->current().question == Question::LastTry);
    bench.agent->agree();
    bench.agent->type("99999999");
    bench.agent->type("8264");
    bench.settle();
    CHECK(bench.failure() == ErrorCode::PukBlocked);
}

TEST_CASE("unblock__same_wrong_puk__is_not_sent_twice") {
    Unblocking bench;
    bench.agent->type("99999999");
    bench.agent->type("8264");
    bench.settle();
    bench.agent->type("99999999");
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::KnownWrong);
    CHECK(bench.reader.verify_count == 1);
}

TEST_CASE("activate__both_kinds__ask_for_the_code_once_and_set_both_pins") {
    for (const auto kind : {card::ActivationState::BlockedPins, card::ActivationState::FactoryPins}) {
        NewCard bench(kind);
        bench.activate();
        CHECK(bench.agent->current().prompt.pin_role == "activation-code");
        bench.agent->type(kind == card::ActivationState::BlockedPins ? "12345678" : "7654321");
        CHECK(bench.agent->current().prompt.pin_label == "PIN 1 (basic)");
        bench.agent->type("8264");
        CHECK(bench.agent->current().prompt.pin_label == "PIN 2 (signature)");
        CHECK(bench.reader.verify_count == 0); // all is asked before anything is set
        bench.agent->type("739164");
        bench.settle();
        REQUIRE(bench.done());
        CHECK(bench.reader.pins[pin_1].value == "8264");
        CHECK(bench.reader.pins[pin_2].value == "739164");
        CHECK(bench.reader.verify_count == 2);
    }
}

TEST_CASE("activate__broken_off_after_the_first_pin__goes_on_with_the_second") {
    for (const auto kind : {card::ActivationState::BlockedPins, card::ActivationState::FactoryPins}) {
        NewCard bench(kind);
        const std::string code = kind == card::ActivationState::BlockedPins ? "12345678" : "7654321";
        bench.activate();
        bench.agent->type(code);
        bench.agent->type("8264");
        bench.agent->type("739164");
        bench.loop.run_posted();
        bench.reader.answer_one(); // PIN 1 is set
        bench.remove();
        CHECK(bench.failure() == ErrorCode::CardRemoved);
        bench.reader.waiting.clear();

        bench.insert(kind);
        bench.activate();
        bench.agent->type(code);
        CHECK(bench.agent->current().prompt.pin_label == "PIN 2 (signature)");
        bench.agent->type("482915");
        bench.settle();
        REQUIRE(bench.done());
        CHECK(bench.reader.pins[pin_1].value == "8264");
        CHECK(bench.reader.pins[pin_2].value == "482915");
    }
}

TEST_CASE("activate__wrong_code__asks_for_it_again_and_keeps_the_new_pins") {
    NewCard bench(card::ActivationState::BlockedPins);
    bench.activate();
    bench.agent->type("99999999");
    bench.agent->type("8264");
    bench.agent->type("739164");
    bench.settle();
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
    CHECK(bench.agent->current().prompt.tries_left == 4U);
    bench.agent->type("12345678");
    bench.settle();
    CHECK(bench.done());
    CHECK(bench.reader.verify_count == 3);
}

TEST_CASE("activate__card_in_use__is_not_possible") {
    Bench bench;
    bench.start_work(ActivateWork{});
    bench.settle();
    CHECK(bench.failure() == ErrorCode::NotSupported);
}

TEST_CASE("sign__new_card__says_that_it_needs_activation_without_asking_the_card") {
    NewCard bench(card::ActivationState::FactoryPins);
    bench.start_sign();
    CHECK(bench.failure() == ErrorCode::NeedsActivation);
    CHECK(bench.reader.waiting.empty());
}
