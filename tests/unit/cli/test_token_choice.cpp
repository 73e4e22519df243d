// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/token_choice.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using Catch::Matchers::Contains;
using cli::choose_new_token;
using cli::choose_token;
using cli::find_tokens;
using client::DaemonState;
using test::error_code_of;
using test::sample_state;

namespace {

/// A second card, in reader B, that is not activated.
DaemonState two_cards() {
    DaemonState state = sample_state();
    client::Token second = state.tokens.front();
    second.path = "/t2";
    second.label = "NEW CARD TEST";
    second.reader = "/reader/b";
    second.state = client::TokenState::NeedsActivation;
    state.tokens.push_back(second);
    return state;
}

} // namespace

TEST_CASE("only_card__needs_no_reader") {
    CHECK(choose_token(sample_state(), "").path == test::token_path);
    CHECK(choose_token(sample_state(), "Reader A").path == test::token_path);
}

TEST_CASE("one_of_two_cards__is_found_by_its_reader") {
    const DaemonState state = two_cards();
    CHECK(choose_token(state, "B").path == "/t2");
    CHECK_THROWS_WITH(choose_token(state, ""), Contains("--reader") && Contains("NEW CARD TEST in Reader B"));
    CHECK(error_code_of([&] { choose_token(state, "Reader"); }) == ErrorCode::InvalidArgument);
    CHECK(error_code_of([&] { choose_token(state, "C"); }) == ErrorCode::InvalidArgument);
    CHECK(find_tokens(state, "").size() == 2);
    CHECK(find_tokens(state, "A").size() == 1);
}

TEST_CASE("new_card__is_the_one_that_is_not_activated") {
    DaemonState state = two_cards();
    CHECK(choose_new_token(state, "").path == "/t2");
    CHECK(error_code_of([&] { choose_new_token(state, "Reader A"); }) == ErrorCode::NotSupported);
    CHECK_THROWS_WITH(choose_new_token(sample_state(), ""),
                      Contains("HENKILÖKORTTI TEST is activated already"));
    state.tokens.front().state = client::TokenState::NeedsActivation;
    CHECK(error_code_of([&] { choose_new_token(state, ""); }) == ErrorCode::InvalidArgument);
    CHECK(choose_new_token(state, "Reader A").path == test::token_path);
}

TEST_CASE("no_card__is_its_own_error") {
    DaemonState state = sample_state();
    state.tokens.clear();
    state.readers.front().state = client::ReaderState::Empty;
    CHECK(error_code_of([&] { choose_token(state, ""); }) == ErrorCode::NoCard);
    CHECK(error_code_of([&] { choose_new_token(state, ""); }) == ErrorCode::NoCard);
    CHECK(error_code_of([&] { find_tokens(state, "Reader A"); }) == ErrorCode::NoCard);
}
