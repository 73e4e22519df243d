// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks a person on the terminal for a PIN, while the loop goes on serving the connections.

#pragma once

#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "client/agent_server.hpp"
#include "client/poll_loop.hpp"
#include "common/pin_value.hpp"

#include <functional>
#include <optional>
#include <string>

namespace digisign::cli {

/// A person who declines ends the program's run of the loop with Error(Cancelled).
class TerminalPrompter : public client::PinPrompter {
public:
    /// `on_open` is called with true when the terminal is needed for a question and with false when it is
    /// free again.
    TerminalPrompter(client::PollLoop& loop, Terminal terminal, SignalWatch& signals,
                     std::function<void(bool)> on_open);
    ~TerminalPrompter() override;

    void request_pin(client::PinRequest request, client::PinReply reply) override;
    void cancel(const std::string& request_id, ErrorCode reason) override;

private:
    enum class Escape { None, Begun, Sequence };

    struct Dialog {
        client::PinRequest request;
        client::PinReply reply;
        bool confirming = false;
        std::string confirmation{}; ///< what has been typed of "yes"
        PinValue pin{};
        Escape escape = Escape::None;
    };

    void ask();
    void on_readable();
    void on_confirmation(char character);
    void on_pin_character(char character);
    bool swallowed_by_escape(char character);
    void erase_character();
    void finish();
    void refuse(const char* reason);

    client::PollLoop& loop_;
    Terminal terminal_;
    SignalWatch& signals_;
    std::function<void(bool)> on_open_;
    std::optional<Dialog> dialog_;
    std::optional<client::PollLoop::Watch> watch_; ///< while there is a dialog
};

} // namespace digisign::cli
