// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers questions for PINs from file descriptors, for scripts (--pin-fd, --new-pin-fd).

#pragma once

#include "client/poll_loop.hpp"
#include "client/prompter.hpp"
#include "common/pin_value.hpp"

#include <optional>
#include <string>

namespace digisign::cli {

struct PinDescriptors {
    std::optional<int> pin;     ///< the PIN, PUK or activation code
    std::optional<int> new_pin; ///< new values, one a line, in the order in which they are asked
};

/// A descriptor that holds no PIN ends the program's run of the loop with an Error.
class DescriptorPrompter : public client::Prompter {
public:
    /// Throws Error(InvalidArgument) for a descriptor that is not open or is a terminal, which would show the
    /// PIN. Both may be the same.
    DescriptorPrompter(client::PollLoop& loop, const PinDescriptors& descriptors);

    void request_pin(client::Prompt prompt, client::PinReply reply) override;
    void request_new_pin(client::Prompt prompt, client::PinReply reply) override;
    void confirm(client::Question question, client::Prompt prompt, client::ConfirmReply reply) override;
    void show_pin_pad(client::Prompt prompt, client::PinPadReply reply) override;
    void cancel(const std::string& id, ErrorCode reason) override;
    void release(const std::string& job) override;

private:
    struct Reading {
        std::string id;
        int fd;
        const char* option;
        client::PinReply reply;
        PinValue pin{};
    };

    void read_line(Reading reading);
    void on_readable();
    void finish();
    void refuse(ErrorCode code, const std::string& reason);

    client::PollLoop& loop_;
    PinDescriptors descriptors_;
    bool pin_given_ = false;
    std::optional<Reading> reading_;
    std::optional<client::PollLoop::Watch> watch_; ///< while reading
};

} // namespace digisign::cli
