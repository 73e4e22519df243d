// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/terminal_prompter.hpp"

#include "cli/prompt_text.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace digisign::cli {

namespace {

constexpr char erase_line[] = "\r\x1B[K"; // ECMA-48 EL: from the cursor to the end of the line

} // namespace

TerminalPrompter::TerminalPrompter(client::PollLoop& loop, Terminal terminal, SignalWatch& signals,
                                   std::function<void(bool)> on_open)
    : loop_(loop), terminal_(std::move(terminal)), signals_(signals), on_open_(std::move(on_open)) {
    signals_.set_suspend_handlers([this] { terminal_.restore(); },
                                  [this] {
                                      if (dialog_)
                                          dialog_->ask(); // nobody sees what was typed before
                                  });
}

TerminalPrompter::~TerminalPrompter() {
    signals_.set_suspend_handlers({}, {});
    if (dialog_)
        terminal_.write(erase_line); // the reason follows on standard error
}

void TerminalPrompter::request_pin(client::Prompt prompt, client::PinReply reply) {
    if (begin(prompt, reply))
        open(std::make_unique<PinDialog>(terminal_, std::move(prompt), std::move(reply)));
}

void TerminalPrompter::request_new_pin(client::Prompt prompt, client::PinReply reply) {
    if (begin(prompt, reply))
        open(std::make_unique<NewPinDialog>(terminal_, std::move(prompt), std::move(reply)));
}

void TerminalPrompter::confirm(client::Question question, client::Prompt prompt, client::ConfirmReply reply) {
    if (begin(prompt, reply))
        open(std::make_unique<ConfirmDialog>(terminal_, question, std::move(prompt), std::move(reply)));
}

void TerminalPrompter::show_pin_pad(client::Prompt prompt, client::PinPadReply reply) {
    if (!begin(prompt, reply))
        return;
    open(std::make_unique<PinPadDialog>(terminal_, std::move(prompt), std::move(reply)));
    pin_pad_shown_ = true;
}

void TerminalPrompter::cancel(const std::string& id, ErrorCode /*reason*/) {
    if (!dialog_ || dialog_->prompt().id != id)
        return;
    terminal_.write(erase_line); // as above
    close();
}

void TerminalPrompter::release(const std::string& job) {
    if (dialog_ && dialog_->prompt().job == job)
        close();
}

bool TerminalPrompter::begin(const client::Prompt& prompt, client::Reply& reply) {
    if (dialog_ && pin_pad_shown_ && dialog_->prompt().job == prompt.job)
        close();
    if (dialog_) {
        reply.decline(ErrorCode::AgentUnavailable, "the terminal is already asking something else");
        return false;
    }
    on_open_(true);
    if (std::exchange(introduced_job_, prompt.job) != prompt.job)
        terminal_.write(prompt_introduction(prompt));
    terminal_.write(problem_text(prompt));
    return true;
}

void TerminalPrompter::open(std::unique_ptr<TerminalDialog> dialog) {
    dialog_ = std::move(dialog);
    watch_.emplace(loop_, terminal_.input(), [this] { on_readable(); });
    dialog_->ask();
}

void TerminalPrompter::on_readable() {
    char character = '\0';
    const ssize_t got = ::read(terminal_.input(), &character, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    // No octets: Ctrl-D on an empty line that is shown, or a terminal that is gone.
    handle(got > 0 ? dialog_->on_character(character) : dialog_->decline("no answer was given"));
    ::explicit_bzero(&character, sizeof character);
}

void TerminalPrompter::handle(TerminalDialog::State state) {
    switch (state) {
    case TerminalDialog::State::Open:
        return;
    case TerminalDialog::State::Answered:
        close();
        return;
    case TerminalDialog::State::Declined:
        loop_.fail(std::make_exception_ptr(Error(ErrorCode::Cancelled, "cancelled: " + dialog_->reason())));
        close();
        return;
    }
}

void TerminalPrompter::close() {
    watch_.reset();
    dialog_.reset();
    pin_pad_shown_ = false;
    terminal_.restore();
    on_open_(false);
}

} // namespace digisign::cli
