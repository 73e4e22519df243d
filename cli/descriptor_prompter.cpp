// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/descriptor_prompter.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace digisign::cli {

DescriptorPrompter::DescriptorPrompter(client::PollLoop& loop, int fd) : loop_(loop), fd_(fd) {
    if (::fcntl(fd, F_GETFD) < 0)
        throw Error(ErrorCode::InvalidArgument,
                    "--pin-fd: descriptor " + std::to_string(fd) + " is not open");
    if (::isatty(fd) == 1)
        throw Error(ErrorCode::InvalidArgument,
                    "--pin-fd: descriptor " + std::to_string(fd) +
                        " is a terminal, which would show the PIN; leave the option out");
}

void DescriptorPrompter::request_pin(client::PinRequest request, client::PinReply reply) {
    if (std::exchange(used_, true)) {
        reply.decline(ErrorCode::AgentUnavailable, "the PIN given with --pin-fd was used already");
        return;
    }
    reading_.emplace(Reading{.request_id = std::move(request.id), .reply = std::move(reply)});
    watch_.emplace(loop_, fd_, [this] { on_readable(); });
}

void DescriptorPrompter::cancel(const std::string& request_id, ErrorCode /*reason*/) {
    if (reading_ && reading_->request_id == request_id)
        finish();
}

/// Octet by octet, so that what follows the line stays for whoever reads the descriptor next.
void DescriptorPrompter::on_readable() {
    char character = '\0';
    const ssize_t got = ::read(fd_, &character, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0) {
        refuse(ErrorCode::InvalidArgument, "the descriptor given with --pin-fd cannot be read");
    } else if (got == 0 || character == '\n') {
        if (reading_->pin.empty()) {
            refuse(ErrorCode::PinLengthInvalid, "the descriptor given with --pin-fd holds no PIN");
        } else {
            reading_->reply.answer(reading_->pin);
            finish();
        }
    } else if (reading_->pin.length() == PinValue::max_length) {
        refuse(ErrorCode::PinLengthInvalid,
               "what the descriptor given with --pin-fd holds is too long for a PIN");
    } else if (character != '\r') { // of a line that ends in CR LF
        reading_->pin.push_back(character);
    }
    ::explicit_bzero(&character, sizeof character);
}

void DescriptorPrompter::finish() {
    watch_.reset();
    reading_.reset();
}

void DescriptorPrompter::refuse(ErrorCode code, const char* reason) {
    reading_->reply.decline(ErrorCode::Cancelled, reason);
    finish();
    loop_.fail(std::make_exception_ptr(Error(code, reason)));
}

} // namespace digisign::cli
