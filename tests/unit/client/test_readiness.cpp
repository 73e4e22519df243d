// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/daemon_state.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::client;
using test::error_code_of;

namespace {

ErrorCode why_not_ready(const DaemonState& state) {
    return error_code_of([&state] { require_ready_token(state); });
}

DaemonState with_readers(std::initializer_list<ReaderState> states) {
    DaemonState state;
    state.pcsc = PcscState::Available;
    for (const ReaderState reader_state : states)
        state.readers.push_back({.path = "/r" + std::to_string(state.readers.size()),
                                 .name = "R",
                                 .state = reader_state,
                                 .problem = "",
                                 .token = ""});
    return state;
}

} // namespace

TEST_CASE("ready_card__is_no_error") {
    CHECK_NOTHROW(require_ready_token(test::sample_state()));
}

TEST_CASE("pcscd__not_available__is_the_reason_before_all_others") {
    DaemonState state = test::sample_state();
    state.pcsc = PcscState::Unavailable;
    CHECK(why_not_ready(state) == ErrorCode::PcscUnavailable);
    state.pcsc = PcscState::AccessDenied;
    CHECK(why_not_ready(state) == ErrorCode::PcscAccessDenied);
    state.pcsc = PcscState::Starting;
    CHECK(why_not_ready(state) == ErrorCode::PcscUnavailable);
}

TEST_CASE("card_to_be_activated__is_said") {
    DaemonState state = test::sample_state();
    state.tokens.front().state = TokenState::NeedsActivation;
    CHECK(why_not_ready(state) == ErrorCode::NeedsActivation);
}

TEST_CASE("each_reader_state__has_its_error") {
    CHECK(why_not_ready(with_readers({})) == ErrorCode::NoReader);
    CHECK(why_not_ready(with_readers({ReaderState::Empty})) == ErrorCode::NoCard);
    CHECK(why_not_ready(with_readers({ReaderState::Mute})) == ErrorCode::CardMute);
    CHECK(why_not_ready(with_readers({ReaderState::Busy})) == ErrorCode::CardBusy);
    CHECK(why_not_ready(with_readers({ReaderState::Unrecognized})) == ErrorCode::CardUnrecognized);
    CHECK(why_not_ready(with_readers({ReaderState::Error})) == ErrorCode::CardDataInvalid);
}

TEST_CASE("unknown_card_beside_an_empty_reader__is_named_with_it") {
    const DaemonState state = with_readers({ReaderState::Empty, ReaderState::Unrecognized});
    CHECK(why_not_ready(state) == ErrorCode::CardUnrecognized);
    CHECK_THROWS_WITH(require_ready_token(state),
                      Catch::Contains("no kind known") && Catch::Contains("no card in"));
}

TEST_CASE("card_of_which_nothing_can_be_read__is_damaged") {
    DaemonState state = test::sample_state();
    state.keys.clear();
    state.certificates.clear();
    CHECK_NOTHROW(require_ready_token(state)); // empty, but in order
    state.tokens.front().warnings = {"EF.OD is damaged"};
    CHECK(why_not_ready(state) == ErrorCode::CardDataInvalid);
    CHECK_THROWS_WITH(require_ready_token(state), Catch::Contains("EF.OD is damaged"));
}

TEST_CASE("state__with_a_card_being_read__is_not_settled") {
    DaemonState state = with_readers({ReaderState::Empty, ReaderState::Reading});
    CHECK_FALSE(state.settled());
    state.readers.back().state = ReaderState::Busy;
    CHECK(state.settled());
    state.pcsc = PcscState::Starting;
    CHECK_FALSE(state.settled());
}
