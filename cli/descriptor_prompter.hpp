// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers the question for a PIN from a file descriptor, for scripts (--pin-fd).

#pragma once

#include "client/agent_server.hpp"
#include "client/poll_loop.hpp"
#include "common/pin_value.hpp"

#include <optional>
#include <string>

namespace digisign::cli {

/// A descriptor that holds no PIN ends the program's run of the loop with an Error.
class DescriptorPrompter : public client::PinPrompter {
public:
    /// Throws Error(InvalidArgument) for a descriptor that is not open or is a terminal, which would show the
    /// PIN.
    DescriptorPrompter(client::PollLoop& loop, int fd);

    void request_pin(client::PinRequest request, client::PinReply reply) override;
    void cancel(const std::string& request_id, ErrorCode reason) override;

private:
    struct Reading {
        std::string request_id;
        client::PinReply reply;
        PinValue pin{};
    };

    void on_readable();
    void finish();
    void refuse(ErrorCode code, const char* reason);

    client::PollLoop& loop_;
    int fd_;
    bool used_ = false;
    std::optional<Reading> reading_;
    std::optional<client::PollLoop::Watch> watch_; ///< while reading
};

} // namespace digisign::cli
