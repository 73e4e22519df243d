// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/descriptor_prompter.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace digisign::cli {

namespace {

constexpr char pin_option[] = "--pin-fd";
constexpr char new_pin_option[] = "--new-pin-fd";

void require_usable(int fd, const char* option) {
    const std::string subject = std::string(option) + ": descriptor " + std::to_string(fd);
    if (::fcntl(fd, F_GETFD) < 0)
        throw Error(ErrorCode::InvalidArgument, subject + " is not open");
    if (::isatty(fd) == 1)
        throw Error(ErrorCode::InvalidArgument,
                    subject + " is a terminal, which would show the PIN; leave the option out");
}

} // namespace

DescriptorPrompter::DescriptorPrompter(client::PollLoop& loop, const PinDescriptors& descriptors)
    : loop_(loop), descriptors_(descriptors) {
    if (descriptors.pin)
        require_usable(*descriptors.pin, pin_option);
    if (descriptors.new_pin)
        require_usable(*descriptors.new_pin, new_pin_option);
}

void DescriptorPrompter::request_pin(client::Prompt prompt, client::PinReply reply) {
    if (!descriptors_.pin || std::exchange(pin_given_, true)) {
        reply.decline(ErrorCode::AgentUnavailable, "the PIN given with --pin-fd was used already");
        return;
    }
    read_line({std::move(prompt.id), *descriptors_.pin, pin_option, std::move(reply)});
}

void DescriptorPrompter::request_new_pin(client::Prompt prompt, client::PinReply reply) {
    if (!descriptors_.new_pin) {
        reply.decline(ErrorCode::AgentUnavailable, "no new PIN was given with --new-pin-fd");
        return;
    }
    read_line({std::move(prompt.id), *descriptors_.new_pin, new_pin_option, std::move(reply)});
}

void DescriptorPrompter::confirm(client::Question /*question*/, client::Prompt /*prompt*/,
                                 client::ConfirmReply reply) {
    reply.decline(ErrorCode::AgentUnavailable, "there is nobody here to agree to anything");
}

void DescriptorPrompter::show_pin_pad(client::Prompt /*prompt*/, client::PinPadReply reply) {
    reply.decline(ErrorCode::AgentUnavailable, "there is nobody here to type on the reader");
}

void DescriptorPrompter::cancel(const std::string& id, ErrorCode /*reason*/) {
    if (reading_ && reading_->id == id)
        finish();
}

void DescriptorPrompter::release(const std::string& /*job*/) {}

void DescriptorPrompter::read_line(Reading reading) {
    if (reading_) {
        reading.reply.decline(ErrorCode::AgentUnavailable, "another PIN is still being read");
        return;
    }
    reading_.emplace(std::move(reading));
    watch_.emplace(loop_, reading_->fd, [this] { on_readable(); });
}

/// Octet by octet, so that what follows the line stays for the next question, or for whoever reads the
/// descriptor next.
void DescriptorPrompter::on_readable() {
    const std::string descriptor = std::string("the descriptor given with ") + reading_->option;
    char character = '\0';
    const ssize_t got = ::read(reading_->fd, &character, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0) {
        refuse(ErrorCode::InvalidArgument, descriptor + " cannot be read");
    } else if (got == 0 || character == '\n') {
        if (reading_->pin.empty()) {
            refuse(ErrorCode::PinLengthInvalid, descriptor + " holds no PIN");
        } else {
            reading_->reply.answer(reading_->pin);
            finish();
        }
    } else if (reading_->pin.length() == PinValue::max_length) {
        refuse(ErrorCode::PinLengthInvalid, "what " + descriptor + " holds is too long for a PIN");
    } else if (character != '\r') { // of a line that ends in CR LF
        reading_->pin.push_back(character);
    }
    ::explicit_bzero(&character, sizeof character);
}

void DescriptorPrompter::finish() {
    watch_.reset();
    reading_.reset();
}

void DescriptorPrompter::refuse(ErrorCode code, const std::string& reason) {
    reading_->reply.decline(ErrorCode::Cancelled, reason);
    finish();
    loop_.fail(std::make_exception_ptr(Error(code, reason)));
}

} // namespace digisign::cli
