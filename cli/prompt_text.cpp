// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/prompt_text.hpp"

#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>

namespace digisign::cli {

namespace {

using client::Prompt;
using client::Question;
using Problem = Prompt::Problem;

constexpr char activation_code_role[] = "activation-code";
constexpr char puk_role[] = "puk";

std::string requested_name(const Prompt& prompt) {
    return pin_name(prompt.pin, prompt.role);
}

std::string target_name(const Prompt& prompt) {
    return prompt.target.empty() ? requested_name(prompt) : printable(prompt.target);
}

/// The kind of thing, not which one.
const char* noun(const Prompt& prompt) {
    if (prompt.role == puk_role)
        return "PUK";
    return prompt.role == activation_code_role ? "activation code" : "PIN";
}

std::string capitalized(std::string text) {
    if (!text.empty())
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string allowed_length(const Prompt& prompt) {
    const char* characters = prompt.only_digits ? "digits" : "characters";
    if (prompt.min_length == prompt.max_length)
        return fmt::format("{} {}", prompt.min_length, characters);
    return fmt::format("{} to {} {}", prompt.min_length, prompt.max_length, characters);
}

std::string length_problem(const Prompt& prompt) {
    return fmt::format("{} has {}.", capitalized(requested_name(prompt)), allowed_length(prompt));
}

std::string characters_problem(const Prompt& prompt) {
    return fmt::format("{} consists of {}.", capitalized(requested_name(prompt)),
                       prompt.only_digits ? "digits only" : "printable characters");
}

std::string with_tries_left(const std::string& text, const Prompt& prompt) {
    return prompt.tries_left ? fmt::format("{}; {}.\n", text, tries_left_text(*prompt.tries_left))
                             : text + ".\n";
}

std::string signing_line(const Prompt& prompt) {
    std::string line = "Sign";
    if (prompt.signatures > 1)
        line += fmt::format(" {} documents", prompt.signatures);
    else if (!prompt.documents.empty())
        line += " " + printable(prompt.documents.front());
    if (!prompt.certificate.empty())
        line += " as " + printable(prompt.certificate);
    return line + "\n";
}

std::string purpose_line(const Prompt& prompt) {
    if (prompt.purpose == "sign" || prompt.purpose == "sign-batch")
        return signing_line(prompt);
    if (prompt.purpose == "test-key")
        return fmt::format("Test the key {}\n", printable(prompt.key));
    if (prompt.purpose == "decrypt")
        return fmt::format("Decrypt with the key {}\n", printable(prompt.key));
    if (prompt.purpose == "derive")
        return fmt::format("Agree on a common key with the key {}\n", printable(prompt.key));
    if (prompt.purpose == "login")
        return fmt::format("Log in with {}\n", requested_name(prompt));
    if (prompt.purpose == "change-pin")
        return fmt::format("Change {}\n", target_name(prompt));
    if (prompt.purpose == "unblock-pin")
        return fmt::format("Unblock {}\n", target_name(prompt));
    if (prompt.purpose == "activate")
        return "Activate the card with the activation code from the letter that belongs to it\n";
    return fmt::format("Check {}\n", requested_name(prompt));
}

std::string requester_line(const Prompt::Requester& requester) {
    const bool is_this_program = requester.pid == static_cast<unsigned>(::getpid());
    if (requester.executable.empty() || is_this_program)
        return "";
    std::string details;
    const auto add = [&details](const std::string& detail) {
        if (!detail.empty())
            details += (details.empty() ? "" : ", ") + detail;
    };
    add(requester.pid ? fmt::format("process {}", *requester.pid) : "");
    add(printable(requester.sandbox));
    add(printable(requester.unit));
    add(printable(requester.terminal));
    add(requester.verified ? "" : "not verified");
    std::string line = "Requested by: " + printable(requester.executable);
    if (!details.empty())
        line += " (" + details + ")";
    if (!requester.claims.empty())
        line += fmt::format(" for {} (not verified)", printable(requester.claims));
    return line + "\n";
}

std::string last_try_question(const Prompt& prompt) {
    std::string loss;
    if (prompt.role == puk_role)
        loss =
            "the PUK is locked for good: PINs of this card can never be unblocked again, and once a PIN is\n"
            "locked the card cannot be used any more.";
    else if (prompt.role == activation_code_role)
        loss = "the card cannot be activated any more; only its issuer can help then.";
    else
        loss = fmt::format("{} is locked and has to be unblocked with the PUK.", requested_name(prompt));
    return fmt::format(
        "Only one try is left. If the {} is wrong again, {}\nType \"yes\" to go on: ", noun(prompt), loss);
}

std::string batch_question(const Prompt& prompt) {
    std::string text;
    for (const std::string& document : prompt.documents)
        text += fmt::format("  {}\n", printable(document));
    if (prompt.documents.size() < prompt.signatures)
        text += fmt::format("  {} without a name\n", prompt.signatures - prompt.documents.size());
    return fmt::format("{}{} is typed once and signs all {} of them. Go on? [y/N] ", text,
                       requested_name(prompt), prompt.signatures);
}

} // namespace

std::string prompt_introduction(const Prompt& prompt) {
    return purpose_line(prompt) +
           fmt::format("Card: {}, in reader {}\n", printable(prompt.token), printable(prompt.reader)) +
           requester_line(prompt.requester);
}

std::string problem_text(const Prompt& prompt) {
    switch (prompt.problem) {
    case Problem::None:
        return "";
    case Problem::Incorrect:
        return with_tries_left(fmt::format("Wrong {}", noun(prompt)), prompt);
    case Problem::Length:
        return length_problem(prompt) + " No try was spent.\n";
    case Problem::Characters:
        return characters_problem(prompt) + " No try was spent.\n";
    case Problem::KnownWrong:
        return with_tries_left(
            fmt::format("This {} was wrong before and was not sent to the card again", noun(prompt)), prompt);
    case Problem::Rejected:
        return "The card does not accept this new PIN; choose another one.\n";
    case Problem::PadTimedOut:
        return "Nobody typed on the reader in time.\n";
    case Problem::PadMismatch:
        return "The new PIN was not the same both times.\n";
    }
    return "";
}

std::string pin_question(const Prompt& prompt) {
    std::string question = prompt.purpose == "change-pin" ? "Current " + requested_name(prompt)
                                                          : capitalized(requested_name(prompt));
    if (prompt.tries_left)
        question += ", " + tries_left_text(*prompt.tries_left);
    return question + ": ";
}

std::string new_pin_rule(const Prompt& prompt) {
    return fmt::format("The new {} has {}.\n", requested_name(prompt), allowed_length(prompt));
}

std::string new_pin_question(const Prompt& prompt) {
    return fmt::format("New {}: ", requested_name(prompt));
}

std::string repetition_question(const Prompt& prompt) {
    return fmt::format("New {} again: ", requested_name(prompt));
}

std::string objection_to_new_pin(const Prompt& prompt, const PinValue& value) {
    if (value.length() < prompt.min_length || value.length() > prompt.max_length)
        return length_problem(prompt) + "\n";
    if (prompt.only_digits && !value.only_digits())
        return characters_problem(prompt) + "\n";
    return "";
}

std::string confirmation_question(Question question, const Prompt& prompt) {
    switch (question) {
    case Question::LastTry:
        return last_try_question(prompt);
    case Question::TrivialPin:
        return "This PIN is easy to guess. Use it all the same? [y/N] ";
    case Question::SamePin:
        return "The new PIN is the same as the old one. Use it all the same? [y/N] ";
    case Question::Batch:
        return batch_question(prompt);
    }
    return "";
}

bool is_agreement(Question question, std::string_view answer) {
    if (question == Question::LastTry)
        return answer == "yes";
    return answer == "y" || answer == "Y" || answer == "yes";
}

std::string pin_pad_text(const Prompt& prompt) {
    const std::string name = requested_name(prompt);
    const std::string counter = prompt.tries_left ? " (" + tries_left_text(*prompt.tries_left) + ")" : "";
    std::string what = name + counter;
    if (prompt.purpose == "change-pin")
        what = fmt::format("the current {}{} and then twice the new one", name, counter);
    else if (prompt.purpose == "unblock-pin" || prompt.purpose == "activate")
        what = fmt::format("the {}{} and then twice the new {}", name, counter, target_name(prompt));
    return fmt::format("Type {} on the keys of the reader, not here. Ctrl-C gives up.\n", what);
}

std::string pin_name(const std::string& label, const std::string& role) {
    const std::string name = label.empty() ? "PIN" : printable(label);
    // Many labels tell the role themselves: "PIN 2 (signature)".
    if (role.empty() || role == puk_role || role == activation_code_role ||
        name.find('(') != std::string::npos)
        return name;
    return fmt::format("{} ({})", name, printable(role));
}

std::string tries_left_text(unsigned tries) {
    return tries == 1 ? "1 try left" : fmt::format("{} tries left", tries);
}

} // namespace digisign::cli
