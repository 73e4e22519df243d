// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/prompt_text.hpp"

#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace digisign::cli {

namespace {

using Problem = client::PinRequest::Problem;

std::string requested_name(const client::PinRequest& request) {
    return pin_name(request.pin, request.role);
}

std::string allowed_length(const client::PinRequest& request) {
    const char* characters = request.only_digits ? "digits" : "characters";
    if (request.min_length == request.max_length)
        return fmt::format("{} {}", request.min_length, characters);
    return fmt::format("{} to {} {}", request.min_length, request.max_length, characters);
}

std::string problem_line(const client::PinRequest& request) {
    switch (request.problem) {
    case Problem::None:
        return "";
    case Problem::Incorrect:
        return request.tries_left ? fmt::format("Wrong PIN; {}.\n", tries_left_text(*request.tries_left))
                                  : "Wrong PIN.\n";
    case Problem::Length:
        return fmt::format("{} has {}. No try was spent.\n", requested_name(request),
                           allowed_length(request));
    case Problem::Characters:
        return fmt::format("{} consists of {}. No try was spent.\n", requested_name(request),
                           request.only_digits ? "digits only" : "printable characters");
    }
    return "";
}

std::string purpose_line(const client::PinRequest& request) {
    if (request.purpose != "sign")
        return fmt::format("Check {}\n", requested_name(request));
    std::string line = "Sign";
    if (!request.document.empty())
        line += " " + printable(request.document);
    if (!request.certificate.empty())
        line += " as " + printable(request.certificate);
    return line + "\n";
}

std::string requester_line(const client::PinRequest& request) {
    const bool by_this_program = request.requester_pid == static_cast<unsigned>(::getpid());
    if (request.requester_executable.empty() || by_this_program)
        return "";
    std::string line = "Requested by: " + printable(request.requester_executable);
    if (request.requester_pid)
        line += fmt::format(" (process {})", *request.requester_pid);
    if (!request.requester_claims.empty())
        line += fmt::format(" for {} (not verified)", printable(request.requester_claims));
    return line + "\n";
}

} // namespace

std::string prompt_introduction(const client::PinRequest& request) {
    if (request.problem != Problem::None)
        return problem_line(request);
    return purpose_line(request) +
           fmt::format("Card: {}, in reader {}\n", printable(request.token), printable(request.reader)) +
           requester_line(request);
}

std::string prompt_question(const client::PinRequest& request) {
    std::string question = requested_name(request);
    if (request.tries_left)
        question += ", " + tries_left_text(*request.tries_left);
    return question + ": ";
}

bool needs_confirmation(const client::PinRequest& request) {
    return request.tries_left == 1U;
}

std::string confirmation_question(const client::PinRequest& request) {
    return fmt::format(
        "Only one try is left. If the PIN is wrong again, {} is locked and has to be unblocked with "
        "the PUK.\nType \"yes\" to go on: ",
        requested_name(request));
}

std::string pin_name(const std::string& label, const std::string& role) {
    const std::string name = label.empty() ? "PIN" : printable(label);
    // Many labels tell the role themselves: "PIN 2 (signature)".
    if (role.empty() || role == "puk" || name.find('(') != std::string::npos)
        return name;
    return fmt::format("{} ({})", name, printable(role));
}

std::string tries_left_text(unsigned tries) {
    return tries == 1 ? "1 try left" : fmt::format("{} tries left", tries);
}

} // namespace digisign::cli
