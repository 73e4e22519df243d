// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_choice.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using Catch::Matchers::Contains;
using cli::choose_locked_pin;
using cli::choose_pin;
using client::DaemonState;
using test::error_code_of;
using test::sample_state;

TEST_CASE("pin__by_reference_role_or_default__is_found") {
    const DaemonState state = sample_state();
    CHECK(choose_pin(state, "", "").reference == "11");
    CHECK(choose_pin(state, "82", "").reference == "82");
    CHECK(choose_pin(state, "signature", "").reference == "82");
    CHECK(choose_pin(state, "authentication", "Reader A").reference == "11");
}

TEST_CASE("pin__that_the_card_has_not__is_refused_with_a_list") {
    const DaemonState state = sample_state();
    CHECK(error_code_of([&] { choose_pin(state, "99", ""); }) == ErrorCode::InvalidArgument);
    CHECK_THROWS_WITH(choose_pin(state, "puk", ""),
                      Contains("11  PIN 1 (basic)") && Contains("82  PIN 2 (signature)"));
}

TEST_CASE("two_cards__need_the_reader") {
    DaemonState state = sample_state();
    client::Token second = state.tokens.front();
    second.path = "/t2";
    second.reader = "/reader/b";
    state.tokens.push_back(second);
    client::Pin pin = state.pins.front();
    pin.path = "/t2/pin/11";
    pin.token = "/t2";
    state.pins.push_back(pin);
    CHECK_THROWS_WITH(choose_pin(state, "", ""), Contains("Reader A") && Contains("Reader B"));
    CHECK(choose_pin(state, "", "Reader B").path == "/t2/pin/11");
    CHECK(error_code_of([&] { choose_pin(state, "", "Reader C"); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("no_card__is_the_error") {
    DaemonState state = sample_state();
    state.tokens.clear();
    state.readers.clear();
    CHECK(error_code_of([&] { choose_pin(state, "", ""); }) == ErrorCode::NoReader);
}

TEST_CASE("locked_pin__is_found_if_it_is_the_only_one") {
    DaemonState state = sample_state();
    test::add_puk(state);
    CHECK_THROWS_WITH(choose_locked_pin(state, "", ""),
                      Contains("say which PIN is meant") && Contains("82  PIN 2"));
    state.pins[1].state = client::PinState::Blocked;
    CHECK(choose_locked_pin(state, "", "").reference == "82");
    CHECK(choose_locked_pin(state, "authentication", "").reference == "11"); // forgotten, not locked
    state.pins[2].state = client::PinState::Blocked;                         // the PUK is nothing to unblock
    CHECK(choose_locked_pin(state, "", "").reference == "82");
    state.pins[0].state = client::PinState::Blocked;
    CHECK(error_code_of([&] { choose_locked_pin(state, "", ""); }) == ErrorCode::InvalidArgument);
}
