// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/terminal_dialog.hpp"

#include "cli/prompt_text.hpp"

#include <algorithm>
#include <utility>

namespace digisign::cli {

namespace {

using State = TerminalDialog::State;

constexpr char bell[] = "\a";
constexpr char end_of_transmission = '\x04'; // Ctrl-D

constexpr char not_given[] = "the PIN was not given";
constexpr char nothing_typed[] = "no PIN was typed";

HiddenLine hidden_line(const Terminal& terminal) {
    return {terminal.control_character(VERASE), terminal.control_character(VKILL)};
}

} // namespace

State TerminalDialog::decline_with(client::Reply& reply, const std::string& reason) {
    reason_ = reason;
    reply.decline(ErrorCode::Cancelled, reason);
    return State::Declined;
}

HiddenLineDialog::HiddenLineDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply)
    : TerminalDialog(terminal, std::move(prompt)), reply_(std::move(reply)), line_(hidden_line(terminal)) {}

void HiddenLineDialog::ask() {
    line_.clear();
    // The mode first: whoever answers the moment the question appears must find it set.
    terminal_.hide_input();
    terminal_.write(question());
}

State HiddenLineDialog::on_character(char character) {
    switch (line_.type(character)) {
    case HiddenLine::Event::None:
        return State::Open;
    case HiddenLine::Event::Refused:
        terminal_.write(bell);
        return State::Open;
    case HiddenLine::Event::Entered:
        terminal_.write("\n");
        return line_.value().empty() ? decline(nothing_typed) : on_entered();
    case HiddenLine::Event::EndOfFile:
        terminal_.write("\n");
        return decline(not_given);
    }
    return State::Open;
}

PinDialog::PinDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply)
    : HiddenLineDialog(terminal, std::move(prompt), std::move(reply)) {}

std::string PinDialog::question() const {
    return pin_question(prompt());
}

State PinDialog::on_entered() {
    reply_.answer(line_.value());
    return State::Answered;
}

NewPinDialog::NewPinDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply)
    : HiddenLineDialog(terminal, std::move(prompt), std::move(reply)) {
    terminal_.write(new_pin_rule(this->prompt()));
}

std::string NewPinDialog::question() const {
    return first_.empty() ? new_pin_question(prompt()) : repetition_question(prompt());
}

State NewPinDialog::on_entered() {
    if (first_.empty()) {
        const std::string objection = objection_to_new_pin(prompt(), line_.value());
        if (objection.empty())
            first_ = line_.take();
        terminal_.write(objection);
    } else if (std::ranges::equal(first_.secret(), line_.value().secret())) {
        reply_.answer(first_);
        return State::Answered;
    } else {
        first_.wipe();
        terminal_.write(repetition_differs_text);
    }
    ask();
    return State::Open;
}

ConfirmDialog::ConfirmDialog(Terminal& terminal, client::Question question, client::Prompt prompt,
                             client::ConfirmReply reply)
    : TerminalDialog(terminal, std::move(prompt)), question_(question), reply_(std::move(reply)) {}

void ConfirmDialog::ask() {
    line_.clear();
    terminal_.show_one_line();
    terminal_.write(confirmation_question(question_, prompt()));
}

State ConfirmDialog::on_character(char character) {
    if (character != '\n') {
        line_ += character;
        return State::Open;
    }
    reply_.answer(is_agreement(question_, line_));
    return State::Answered;
}

PinPadDialog::PinPadDialog(Terminal& terminal, client::Prompt prompt, client::PinPadReply reply)
    : TerminalDialog(terminal, std::move(prompt)), reply_(std::move(reply)) {}

void PinPadDialog::ask() {
    terminal_.hide_input();
    terminal_.write(pin_pad_text(prompt()));
}

State PinPadDialog::on_character(char character) {
    if (character == end_of_transmission)
        return decline("nobody wants to type on the reader");
    terminal_.write(bell);
    return State::Open;
}

} // namespace digisign::cli
