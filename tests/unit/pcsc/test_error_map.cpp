// SPDX-License-Identifier: LGPL-2.1-or-later

#include <catch2/catch.hpp>

#include "daemon/pcsc/error_map.hpp"

#include <string>

using namespace digisign;
using namespace digisign::pcsc;

TEST_CASE("results__become_the_faults_the_port_promises") {
    CHECK(error_code_of(SCARD_W_REMOVED_CARD) == ErrorCode::CardRemoved);
    CHECK(error_code_of(SCARD_E_NO_SMARTCARD) == ErrorCode::CardRemoved);
    CHECK(error_code_of(SCARD_E_READER_UNAVAILABLE) == ErrorCode::CardRemoved);
    CHECK(error_code_of(SCARD_W_RESET_CARD) == ErrorCode::CardReset);
    CHECK(error_code_of(SCARD_W_UNPOWERED_CARD) == ErrorCode::CardMute);
    CHECK(error_code_of(SCARD_W_UNRESPONSIVE_CARD) == ErrorCode::CardMute);
    CHECK(error_code_of(SCARD_E_SHARING_VIOLATION) == ErrorCode::CardBusy);
    CHECK(error_code_of(SCARD_E_NO_SERVICE) == ErrorCode::PcscUnavailable);
    CHECK(error_code_of(SCARD_E_SERVICE_STOPPED) == ErrorCode::PcscUnavailable);
    CHECK(error_code_of(SCARD_W_SECURITY_VIOLATION) == ErrorCode::PcscUnavailable);
    CHECK(error_from_connecting(SCARD_W_SECURITY_VIOLATION, "connect").code() == ErrorCode::PcscAccessDenied);
    CHECK(error_from_connecting(SCARD_E_NO_SERVICE, "connect").code() == ErrorCode::PcscUnavailable);
}

TEST_CASE("known_result__is_a_sentence_without_a_number") {
    const Error error = error_from_result(SCARD_E_SHARING_VIOLATION, "connect to the card");
    CHECK(std::string(error.what()) == "cannot connect to the card: another program holds the card");
}

TEST_CASE("unknown_result__is_a_card_error_in_the_words_of_the_library") {
    const Error error = error_from_result(SCARD_E_BAD_SEEK, "do this");
    CHECK(error.code() == ErrorCode::CardError);
    CHECK(std::string(error.what()).find("the smart card service reports: ") != std::string::npos);
}
