// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/prompt_text.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace digisign::cli;
using Catch::Matchers::Contains;
using digisign::client::PinRequest;

namespace {

PinRequest signing_request() {
    PinRequest request;
    request.id = "1";
    request.purpose = "sign";
    request.pin = "PIN 2";
    request.role = "signature";
    request.token = "HENKILÖKORTTI TEST";
    request.reader = "Reader A";
    request.min_length = 6;
    request.max_length = 12;
    request.only_digits = true;
    request.tries_left = 5;
    request.certificate = "SPECIMEN TEST";
    request.document = "contract.pdf";
    request.requester_pid = 42;
    request.requester_executable = "/usr/libexec/digisign/digisign-documents";
    return request;
}

} // namespace

TEST_CASE("first_question__says_what_who_and_how_many_tries") {
    const PinRequest request = signing_request();
    const std::string introduction = prompt_introduction(request);
    CHECK_THAT(introduction, Contains("Sign contract.pdf as SPECIMEN TEST\n"));
    CHECK_THAT(introduction, Contains("Card: HENKILÖKORTTI TEST, in reader Reader A\n"));
    CHECK_THAT(introduction,
               Contains("Requested by: /usr/libexec/digisign/digisign-documents (process 42)\n"));
    CHECK(prompt_question(request) == "PIN 2 (signature), 5 tries left: ");
    CHECK_FALSE(needs_confirmation(request));
}

TEST_CASE("what_a_service_claims__is_marked_as_not_verified") {
    PinRequest request = signing_request();
    request.requester_claims = "browser";
    CHECK_THAT(prompt_introduction(request), Contains("for browser (not verified)"));
}

TEST_CASE("request_by_this_program_itself__is_not_announced") {
    PinRequest request = signing_request();
    request.requester_pid = static_cast<unsigned>(::getpid());
    CHECK_THAT(prompt_introduction(request), !Contains("Requested by"));
}

TEST_CASE("question_after_a_wrong_pin__says_the_new_counter_only") {
    PinRequest request = signing_request();
    request.problem = PinRequest::Problem::Incorrect;
    request.tries_left = 4;
    CHECK(prompt_introduction(request) == "Wrong PIN; 4 tries left.\n");
    request.tries_left = 1;
    CHECK(prompt_introduction(request) == "Wrong PIN; 1 try left.\n");
    request.tries_left.reset();
    CHECK(prompt_introduction(request) == "Wrong PIN.\n");
    CHECK(prompt_question(request) == "PIN 2 (signature): ");
}

TEST_CASE("question_after_an_impossible_pin__says_what_is_possible") {
    PinRequest request = signing_request();
    request.problem = PinRequest::Problem::Length;
    CHECK(prompt_introduction(request) == "PIN 2 (signature) has 6 to 12 digits. No try was spent.\n");
    request.max_length = 6;
    CHECK(prompt_introduction(request) == "PIN 2 (signature) has 6 digits. No try was spent.\n");
    request.problem = PinRequest::Problem::Characters;
    CHECK(prompt_introduction(request) == "PIN 2 (signature) consists of digits only. No try was spent.\n");
}

TEST_CASE("last_try__needs_a_confirmation_that_says_what_is_at_stake") {
    PinRequest request = signing_request();
    request.tries_left = 1;
    CHECK(needs_confirmation(request));
    CHECK_THAT(confirmation_question(request),
               Contains("Only one try is left") && Contains("PUK") && Contains("\"yes\""));
}

TEST_CASE("text_of_strangers__cannot_move_the_cursor") {
    PinRequest request = signing_request();
    request.document = "a\x1B[2J.pdf";
    request.token = "card\r\nCard: other";
    request.pin = "PIN\x1B[1A";
    CHECK(prompt_introduction(request).find('\x1B') == std::string::npos);
    CHECK_THAT(prompt_introduction(request), Contains("Card: card  Card: other, in"));
    CHECK(prompt_question(request).find('\x1B') == std::string::npos);
}

TEST_CASE("role__is_added_where_the_label_does_not_tell") {
    CHECK(pin_name("PIN 1 (basic)", "authentication") == "PIN 1 (basic)");
    CHECK(pin_name("User PIN", "authentication") == "User PIN (authentication)");
    CHECK(pin_name("", "signature") == "PIN (signature)");
    CHECK(pin_name("PUK", "puk") == "PUK");
}

TEST_CASE("request_of_a_test__names_the_pin") {
    PinRequest request = signing_request();
    request.purpose = "verify-pin";
    CHECK_THAT(prompt_introduction(request), Contains("Check PIN 2 (signature)\n"));
}
