// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/key_choice.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using Catch::Matchers::Contains;
using cli::choose_key;
using client::DaemonState;
using test::error_code_of;
using test::sample_state;

TEST_CASE("key__by_id_or_certificate__is_found") {
    const DaemonState state = sample_state();
    CHECK(choose_key(state, "45").label == "authentication key");
    CHECK(choose_key(state, "46").label == "signature key");
    CHECK(choose_key(state, "BBBBBB").label == "signature key");
    CHECK(choose_key(state, "authentication certificate").label == "authentication key");
}

TEST_CASE("only_key__needs_no_name") {
    DaemonState state = sample_state();
    state.keys.erase(state.keys.begin());
    CHECK(choose_key(state, "").label == "signature key");
}

TEST_CASE("one_of_several_keys__needs_a_name") {
    const DaemonState state = sample_state();
    CHECK(error_code_of([&] { choose_key(state, ""); }) == ErrorCode::InvalidArgument);
    CHECK_THROWS_WITH(choose_key(state, ""),
                      Contains("45  authentication key, HENKILÖKORTTI TEST in Reader A") &&
                          Contains("46  signature key"));
    // The holder's name is in the certificates of both.
    CHECK(error_code_of([&] { choose_key(state, "SPECIMEN TEST 460001"); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("two_certificates_of_one_key__mean_that_key") {
    DaemonState state = sample_state();
    state.certificates[1].key = state.certificates[0].key;
    CHECK(choose_key(state, "SPECIMEN TEST 460001").label == "authentication key");
}

TEST_CASE("key__that_is_not_there__is_refused") {
    DaemonState state = sample_state();
    CHECK(error_code_of([&] { choose_key(state, "99"); }) == ErrorCode::KeyNotFound);
    CHECK(error_code_of([&] { choose_key(state, "CCCCCC"); }) == ErrorCode::KeyNotFound); // of an authority
    state.keys.clear();
    CHECK(error_code_of([&] { choose_key(state, ""); }) == ErrorCode::KeyNotFound);
    state.tokens.clear();
    state.readers.clear();
    CHECK(error_code_of([&] { choose_key(state, "45"); }) == ErrorCode::NoReader);
}
