// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/prompt_text.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace digisign::cli;
using Catch::Matchers::Contains;
using digisign::PinValue;
using digisign::client::Prompt;
using digisign::client::Question;
using Problem = Prompt::Problem;

namespace {

Prompt signing_prompt() {
    Prompt prompt;
    prompt.id = "1";
    prompt.job = "7";
    prompt.purpose = "sign";
    prompt.pin = "PIN 2";
    prompt.role = "signature";
    prompt.token = "HENKILÖKORTTI TEST";
    prompt.reader = "Reader A";
    prompt.min_length = 6;
    prompt.max_length = 12;
    prompt.only_digits = true;
    prompt.tries_left = 5;
    prompt.certificate = "SPECIMEN TEST";
    prompt.documents = {"contract.pdf"};
    prompt.signatures = 1;
    prompt.requester.pid = 42;
    prompt.requester.executable = "/usr/libexec/digisign/digisign-documents";
    prompt.requester.verified = true;
    return prompt;
}

Prompt prompt_for(const char* purpose) {
    Prompt prompt = signing_prompt();
    prompt.purpose = purpose;
    prompt.certificate = "";
    prompt.documents = {};
    prompt.signatures = 0;
    prompt.pin = "PIN 1 (basic)";
    prompt.role = "authentication";
    return prompt;
}

Prompt puk_prompt() {
    Prompt prompt = prompt_for("unblock-pin");
    prompt.pin = "PUK";
    prompt.role = "puk";
    prompt.target = "PIN 1 (basic)";
    return prompt;
}

Prompt activation_prompt() {
    Prompt prompt = prompt_for("activate");
    prompt.pin = "activation code";
    prompt.role = "activation-code";
    prompt.target = "PIN 1 (basic)";
    return prompt;
}

PinValue pin(std::string_view text) {
    PinValue value;
    for (const char c : text)
        value.push_back(c);
    return value;
}

} // namespace

TEST_CASE("first_question__says_what_who_and_how_many_tries") {
    const Prompt prompt = signing_prompt();
    const std::string introduction = prompt_introduction(prompt);
    CHECK_THAT(introduction, Contains("Sign contract.pdf as SPECIMEN TEST\n"));
    CHECK_THAT(introduction, Contains("Card: HENKILÖKORTTI TEST, in reader Reader A\n"));
    CHECK_THAT(introduction,
               Contains("Requested by: /usr/libexec/digisign/digisign-documents (process 42)\n"));
    CHECK(pin_question(prompt) == "PIN 2 (signature), 5 tries left: ");
    CHECK(problem_text(prompt).empty());
}

TEST_CASE("purpose__is_told_in_the_persons_words") {
    CHECK_THAT(prompt_introduction(prompt_for("verify-pin")), Contains("Check PIN 1 (basic)\n"));
    CHECK_THAT(prompt_introduction(prompt_for("login")), Contains("Log in with PIN 1 (basic)\n"));
    CHECK_THAT(prompt_introduction(prompt_for("change-pin")), Contains("Change PIN 1 (basic)\n"));
    CHECK_THAT(prompt_introduction(puk_prompt()), Contains("Unblock PIN 1 (basic)\n"));
    CHECK_THAT(prompt_introduction(activation_prompt()), Contains("Activate the card") && Contains("letter"));
    Prompt test = prompt_for("test-key");
    test.key = "authentication key";
    CHECK_THAT(prompt_introduction(test), Contains("Test the key authentication key\n"));
    test.purpose = "decrypt";
    CHECK_THAT(prompt_introduction(test), Contains("Decrypt with the key authentication key\n"));
    test.purpose = "derive";
    CHECK_THAT(prompt_introduction(test), Contains("common key with the key authentication key\n"));
    Prompt batch = signing_prompt();
    batch.purpose = "sign-batch";
    batch.signatures = 3;
    CHECK_THAT(prompt_introduction(batch), Contains("Sign 3 documents as SPECIMEN TEST\n"));
}

TEST_CASE("requester__is_told_with_all_that_is_known") {
    Prompt prompt = signing_prompt();
    prompt.requester.executable = "/usr/bin/firefox";
    prompt.requester.sandbox = "snap:firefox";
    prompt.requester.unit = "snap.firefox.firefox-1.scope";
    prompt.requester.terminal = "pts/3";
    CHECK_THAT(
        prompt_introduction(prompt),
        Contains("Requested by: /usr/bin/firefox (process 42, snap:firefox, snap.firefox.firefox-1.scope, "
                 "pts/3)\n"));
    prompt.requester.verified = false;
    CHECK_THAT(prompt_introduction(prompt), Contains("pts/3, not verified)\n"));
    prompt.requester = {.executable = "firefox", .verified = true};
    CHECK_THAT(prompt_introduction(prompt), Contains("Requested by: firefox\n"));
}

TEST_CASE("what_a_service_claims__is_marked_as_not_verified") {
    Prompt prompt = signing_prompt();
    prompt.requester.claims = "browser";
    CHECK_THAT(prompt_introduction(prompt), Contains("(process 42) for browser (not verified)"));
}

TEST_CASE("request_by_this_program_itself__is_not_announced") {
    Prompt prompt = signing_prompt();
    prompt.requester.pid = static_cast<unsigned>(::getpid());
    CHECK_THAT(prompt_introduction(prompt), !Contains("Requested by"));
}

TEST_CASE("question_after_a_wrong_value__says_the_new_counter") {
    Prompt prompt = signing_prompt();
    prompt.problem = Problem::Incorrect;
    prompt.tries_left = 4;
    CHECK(problem_text(prompt) == "Wrong PIN; 4 tries left.\n");
    prompt.tries_left = 1;
    CHECK(problem_text(prompt) == "Wrong PIN; 1 try left.\n");
    prompt.tries_left.reset();
    CHECK(problem_text(prompt) == "Wrong PIN.\n");
    CHECK(pin_question(prompt) == "PIN 2 (signature): ");
    Prompt puk = puk_prompt();
    puk.problem = Problem::Incorrect;
    CHECK(problem_text(puk) == "Wrong PUK; 5 tries left.\n");
    Prompt code = activation_prompt();
    code.problem = Problem::Incorrect;
    CHECK(problem_text(code) == "Wrong activation code; 5 tries left.\n");
}

TEST_CASE("value_that_was_wrong_before__was_not_sent") {
    Prompt prompt = signing_prompt();
    prompt.problem = Problem::KnownWrong;
    CHECK(problem_text(prompt) ==
          "This PIN was wrong before and was not sent to the card again; 5 tries left.\n");
}

TEST_CASE("question_after_an_impossible_pin__says_what_is_possible") {
    Prompt prompt = signing_prompt();
    prompt.problem = Problem::Length;
    CHECK(problem_text(prompt) == "PIN 2 (signature) has 6 to 12 digits. No try was spent.\n");
    prompt.max_length = 6;
    CHECK(problem_text(prompt) == "PIN 2 (signature) has 6 digits. No try was spent.\n");
    prompt.problem = Problem::Characters;
    CHECK(problem_text(prompt) == "PIN 2 (signature) consists of digits only. No try was spent.\n");
    Prompt code = activation_prompt();
    code.problem = Problem::Length;
    CHECK(problem_text(code) == "Activation code has 6 to 12 digits. No try was spent.\n");
}

TEST_CASE("every_problem__has_a_line_of_text") {
    Prompt prompt = signing_prompt();
    for (const Problem problem :
         {Problem::Incorrect, Problem::Length, Problem::Characters, Problem::KnownWrong, Problem::Rejected,
          Problem::PadTimedOut, Problem::PadMismatch}) {
        prompt.problem = problem;
        CHECK(problem_text(prompt).ends_with(".\n"));
    }
}

TEST_CASE("questions__name_what_is_to_be_typed") {
    CHECK(pin_question(prompt_for("change-pin")) == "Current PIN 1 (basic), 5 tries left: ");
    CHECK(pin_question(puk_prompt()) == "PUK, 5 tries left: ");
    CHECK(pin_question(activation_prompt()) == "Activation code, 5 tries left: ");
    CHECK(new_pin_rule(prompt_for("activate")) == "The new PIN 1 (basic) has 6 to 12 digits.\n");
    CHECK(new_pin_question(prompt_for("activate")) == "New PIN 1 (basic): ");
    CHECK(repetition_question(prompt_for("activate")) == "New PIN 1 (basic) again: ");
}

TEST_CASE("new_pin__that_breaks_the_rules__is_objected_to") {
    const Prompt prompt = prompt_for("change-pin");
    CHECK(objection_to_new_pin(prompt, pin("123456")).empty());
    CHECK(objection_to_new_pin(prompt, pin("123456789012")).empty());
    CHECK(objection_to_new_pin(prompt, pin("12345")) == "PIN 1 (basic) has 6 to 12 digits.\n");
    CHECK(objection_to_new_pin(prompt, pin("1234567890123")) == "PIN 1 (basic) has 6 to 12 digits.\n");
    CHECK(objection_to_new_pin(prompt, pin("12345a")) == "PIN 1 (basic) consists of digits only.\n");
    Prompt letters = prompt;
    letters.only_digits = false;
    CHECK(objection_to_new_pin(letters, pin("12345a")).empty());
}

TEST_CASE("last_try__says_what_is_at_stake") {
    CHECK_THAT(confirmation_question(Question::LastTry, signing_prompt()),
               Contains("Only one try is left") && Contains("PIN 2 (signature) is locked") &&
                   Contains("PUK") && Contains("\"yes\""));
    CHECK_THAT(confirmation_question(Question::LastTry, puk_prompt()),
               Contains("If the PUK is wrong again") && Contains("the card cannot be used any more") &&
                   Contains("\"yes\""));
    CHECK_THAT(confirmation_question(Question::LastTry, activation_prompt()),
               Contains("If the activation code is wrong again") && Contains("cannot be activated any more"));
}

TEST_CASE("last_try__is_agreed_to_by_the_whole_word_only") {
    for (const char* answer : {"", "y", "Y", "YES", "no", "yes ", "yess"}) {
        INFO(answer);
        CHECK_FALSE(is_agreement(Question::LastTry, answer));
    }
    CHECK(is_agreement(Question::LastTry, "yes"));
    for (const Question question : {Question::TrivialPin, Question::SamePin, Question::Batch}) {
        CHECK(is_agreement(question, "y"));
        CHECK(is_agreement(question, "Y"));
        CHECK(is_agreement(question, "yes"));
        CHECK_FALSE(is_agreement(question, ""));
        CHECK_FALSE(is_agreement(question, "n"));
        CHECK_FALSE(is_agreement(question, "yo"));
    }
}

TEST_CASE("warnings__ask_with_no_as_the_default") {
    CHECK_THAT(confirmation_question(Question::TrivialPin, prompt_for("change-pin")),
               Contains("easy to guess") && Contains("[y/N] "));
    CHECK_THAT(confirmation_question(Question::SamePin, prompt_for("change-pin")),
               Contains("the same as the old one") && Contains("[y/N] "));
}

TEST_CASE("batch__lists_every_document") {
    Prompt prompt = signing_prompt();
    prompt.purpose = "sign-batch";
    prompt.documents = {"a.pdf", "b\x1B[2J.pdf"};
    prompt.signatures = 3;
    const std::string question = confirmation_question(Question::Batch, prompt);
    CHECK_THAT(question,
               Contains("  a.pdf\n  b [2J.pdf\n  1 without a name\n") &&
                   Contains("PIN 2 (signature) is typed once and signs all 3 of them. Go on? [y/N] "));
}

TEST_CASE("pin_pad__says_what_to_type_and_where") {
    CHECK(pin_pad_text(prompt_for("verify-pin")) ==
          "Type PIN 1 (basic) (5 tries left) on the keys of the reader, not here. Ctrl-C gives up.\n");
    CHECK_THAT(pin_pad_text(prompt_for("change-pin")),
               Contains("the current PIN 1 (basic)") && Contains("twice"));
    CHECK_THAT(pin_pad_text(puk_prompt()), Contains("the PUK") && Contains("twice the new PIN 1 (basic)"));
}

TEST_CASE("text_of_strangers__cannot_move_the_cursor") {
    Prompt prompt = puk_prompt();
    prompt.documents = {"a\x1B[2J.pdf"};
    prompt.token = "card\r\nCard: other";
    prompt.reader = prompt.target = prompt.key = prompt.certificate = "\x1B[1A";
    prompt.pin = "PIN\x1B[1A";
    prompt.role = "\x1B[1A";
    prompt.requester = {.pid = 1,
                        .executable = "\x1B[1A",
                        .unit = "\x1B[1A",
                        .sandbox = "\x1B[1A",
                        .terminal = "\x1B[1A",
                        .verified = false,
                        .claims = "\x1B[1A"};
    for (const char* purpose : {"sign", "test-key", "decrypt", "derive", "login", "change-pin", "unblock-pin",
                                "activate", "verify-pin"}) {
        prompt.purpose = purpose;
        for (const std::string& text :
             {prompt_introduction(prompt), pin_question(prompt), new_pin_rule(prompt),
              new_pin_question(prompt), repetition_question(prompt), pin_pad_text(prompt),
              objection_to_new_pin(prompt, pin("1")), confirmation_question(Question::LastTry, prompt),
              confirmation_question(Question::Batch, prompt)})
            CHECK(text.find('\x1B') == std::string::npos);
    }
    CHECK_THAT(prompt_introduction(prompt), Contains("Card: card  Card: other, in"));
}

TEST_CASE("role__is_added_where_the_label_does_not_tell") {
    CHECK(pin_name("PIN 1 (basic)", "authentication") == "PIN 1 (basic)");
    CHECK(pin_name("User PIN", "authentication") == "User PIN (authentication)");
    CHECK(pin_name("", "signature") == "PIN (signature)");
    CHECK(pin_name("PUK", "puk") == "PUK");
}
