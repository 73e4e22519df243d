// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks a person on the terminal, while the loop goes on serving the connections.

#pragma once

#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/terminal_dialog.hpp"
#include "client/poll_loop.hpp"
#include "client/prompter.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace digisign::cli {

/// A person who declines ends the program's run of the loop with Error(Cancelled).
class TerminalPrompter : public client::Prompter {
public:
    /// `on_open` is called with true when the terminal is needed for a question and with false when it is
    /// free again.
    TerminalPrompter(client::PollLoop& loop, Terminal terminal, SignalWatch& signals,
                     std::function<void(bool)> on_open);
    ~TerminalPrompter() override;

    void request_pin(client::Prompt prompt, client::PinReply reply) override;
    void request_new_pin(client::Prompt prompt, client::PinReply reply) override;
    void confirm(client::Question question, client::Prompt prompt, client::ConfirmReply reply) override;
    void show_pin_pad(client::Prompt prompt, client::PinPadReply reply) override;
    void cancel(const std::string& id, ErrorCode reason) override;
    void release(const std::string& job) override;

private:
    /// Whether the question can be asked now; if so, what comes before it has been written.
    bool begin(const client::Prompt& prompt, client::Reply& reply);
    void open(std::unique_ptr<TerminalDialog> dialog);
    void on_readable();
    void handle(TerminalDialog::State state);
    void close();

    client::PollLoop& loop_;
    Terminal terminal_;
    SignalWatch& signals_;
    std::function<void(bool)> on_open_;
    std::string introduced_job_; ///< whose purpose and requester the person has been told
    std::unique_ptr<TerminalDialog> dialog_;
    bool pin_pad_shown_ = false;                   ///< by the dialog
    std::optional<client::PollLoop::Watch> watch_; ///< while there is a dialog
};

} // namespace digisign::cli
