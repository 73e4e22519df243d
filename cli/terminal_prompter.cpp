// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/terminal_prompter.hpp"

#include "cli/prompt_text.hpp"

#include <unistd.h>

#include <cstring>
#include <utility>

namespace digisign::cli {

namespace {

constexpr char bell[] = "\a";
constexpr char erase_line[] = "\r\x1B[K"; // ECMA-48 EL: from the cursor to the end of the line

constexpr char escape = '\x1B';
constexpr char end_of_transmission = '\x04'; // Ctrl-D

} // namespace

TerminalPrompter::TerminalPrompter(client::PollLoop& loop, Terminal terminal, SignalWatch& signals,
                                   std::function<void(bool)> on_open)
    : loop_(loop), terminal_(std::move(terminal)), signals_(signals), on_open_(std::move(on_open)) {
    signals_.set_suspend_handlers([this] { terminal_.restore(); },
                                  [this] {
                                      if (dialog_)
                                          ask(); // from the start, since nobody sees what was typed before
                                  });
}

TerminalPrompter::~TerminalPrompter() {
    signals_.set_suspend_handlers({}, {});
    if (dialog_)
        terminal_.write(erase_line); // the reason follows on standard error
}

void TerminalPrompter::request_pin(client::PinRequest request, client::PinReply reply) {
    if (dialog_) {
        reply.decline(ErrorCode::AgentUnavailable, "the terminal is already asking for another PIN");
        return;
    }
    on_open_(true);
    dialog_.emplace(Dialog{.request = std::move(request), .reply = std::move(reply)});
    dialog_->confirming = needs_confirmation(dialog_->request);
    watch_.emplace(loop_, terminal_.fd(), [this] { on_readable(); });
    terminal_.write(prompt_introduction(dialog_->request));
    ask();
}

void TerminalPrompter::cancel(const std::string& request_id, ErrorCode /*reason*/) {
    if (!dialog_ || dialog_->request.id != request_id)
        return;
    terminal_.write(erase_line); // as above
    finish();
}

void TerminalPrompter::ask() {
    dialog_->pin.wipe();
    dialog_->confirmation.clear();
    dialog_->escape = Escape::None;
    // The mode first: whoever answers the moment the question appears must find it set.
    if (dialog_->confirming) {
        terminal_.show_one_line();
        terminal_.write(confirmation_question(dialog_->request));
    } else {
        terminal_.hide_input();
        terminal_.write(prompt_question(dialog_->request));
    }
}

void TerminalPrompter::on_readable() {
    char character = '\0';
    const ssize_t got = ::read(terminal_.fd(), &character, 1);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0)
        refuse("the terminal was closed");
    else if (dialog_->confirming)
        on_confirmation(character);
    else
        on_pin_character(character);
    ::explicit_bzero(&character, sizeof character);
}

void TerminalPrompter::on_confirmation(char character) {
    if (character != '\n') {
        dialog_->confirmation += character;
        return;
    }
    if (dialog_->confirmation != "yes") {
        refuse("the last try was not confirmed");
        return;
    }
    dialog_->confirming = false;
    ask();
}

void TerminalPrompter::on_pin_character(char character) {
    const auto byte = static_cast<unsigned char>(character);
    if (swallowed_by_escape(character))
        return;
    if (character == '\n' || character == '\r') {
        terminal_.write("\n");
        if (dialog_->pin.empty()) {
            refuse("no PIN was typed");
        } else {
            dialog_->reply.answer(dialog_->pin);
            finish();
        }
    } else if (character == end_of_transmission) {
        terminal_.write("\n");
        refuse("the PIN was not given");
    } else if (byte == terminal_.control_character(VERASE) || character == '\x7F' || character == '\b') {
        erase_character();
    } else if (byte == terminal_.control_character(VKILL)) {
        dialog_->pin.wipe();
    } else if (byte < 0x20 || dialog_->pin.length() == PinValue::max_length) {
        terminal_.write(bell);
    } else {
        dialog_->pin.push_back(character);
    }
}

/// Arrow and function keys send ECMA-48 sequences ("ESC [ A"), which would end up in the PIN unseen.
bool TerminalPrompter::swallowed_by_escape(char character) {
    switch (dialog_->escape) {
    case Escape::None:
        if (character == escape)
            dialog_->escape = Escape::Begun;
        return character == escape;
    case Escape::Begun:
        dialog_->escape = character == '[' || character == 'O' ? Escape::Sequence : Escape::None;
        return dialog_->escape == Escape::Sequence;
    case Escape::Sequence:
        if (character >= '@' && character <= '~')
            dialog_->escape = Escape::None;
        return true;
    }
    return false;
}

/// One character of UTF-8: continuation octets and what they continue.
void TerminalPrompter::erase_character() {
    while (!dialog_->pin.empty() && (dialog_->pin.secret().back() & 0xC0) == 0x80)
        dialog_->pin.pop_back();
    dialog_->pin.pop_back();
}

void TerminalPrompter::finish() {
    watch_.reset();
    dialog_.reset();
    terminal_.restore();
    on_open_(false);
}

void TerminalPrompter::refuse(const char* reason) {
    dialog_->reply.decline(ErrorCode::Cancelled, reason);
    finish();
    loop_.fail(std::make_exception_ptr(Error(ErrorCode::Cancelled, std::string("cancelled: ") + reason)));
}

} // namespace digisign::cli
