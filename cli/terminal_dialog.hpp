// SPDX-License-Identifier: LGPL-2.1-or-later
// One question on the terminal, from asking to the answer.

#pragma once

#include "cli/hidden_line.hpp"
#include "cli/terminal.hpp"
#include "client/prompter.hpp"

#include <string>

namespace digisign::cli {

class TerminalDialog {
public:
    enum class State {
        Open,
        Answered,
        Declined, ///< by the person; the reply says so already
    };

    virtual ~TerminalDialog() = default;
    TerminalDialog(const TerminalDialog&) = delete;
    TerminalDialog& operator=(const TerminalDialog&) = delete;

    const client::Prompt& prompt() const { return prompt_; }

    /// Sets the terminal up and writes the question; what was typed of the answer before is forgotten.
    virtual void ask() = 0;

    virtual State on_character(char character) = 0;

    /// For a terminal that is gone, or a person who wants no more.
    virtual State decline(const std::string& reason) = 0;

    /// Why it was declined.
    const std::string& reason() const { return reason_; }

protected:
    TerminalDialog(Terminal& terminal, client::Prompt prompt)
        : terminal_(terminal), prompt_(std::move(prompt)) {}

    State decline_with(client::Reply& reply, const std::string& reason);

    Terminal& terminal_;

private:
    client::Prompt prompt_;
    std::string reason_;
};

/// For something that is typed unseen.
class HiddenLineDialog : public TerminalDialog {
public:
    void ask() override;
    State on_character(char character) override;
    State decline(const std::string& reason) override { return decline_with(reply_, reason); }

protected:
    HiddenLineDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply);

    virtual std::string question() const = 0;
    /// The line is complete, and not empty.
    virtual State on_entered() = 0;

    client::PinReply reply_;
    HiddenLine line_;
};

/// For a PIN, PUK or activation code.
class PinDialog : public HiddenLineDialog {
public:
    PinDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply);

private:
    std::string question() const override;
    State on_entered() override;
};

/// For a new value, which has to keep the rules and to be typed twice alike before it is the answer.
class NewPinDialog : public HiddenLineDialog {
public:
    NewPinDialog(Terminal& terminal, client::Prompt prompt, client::PinReply reply);

private:
    std::string question() const override;
    State on_entered() override;

    PinValue first_; ///< empty while the new value is typed for the first time
};

/// For somebody's consent.
class ConfirmDialog : public TerminalDialog {
public:
    ConfirmDialog(Terminal& terminal, client::Question question, client::Prompt prompt,
                  client::ConfirmReply reply);

    void ask() override;
    State on_character(char character) override;
    State decline(const std::string& reason) override { return decline_with(reply_, reason); }

private:
    client::Question question_;
    client::ConfirmReply reply_;
    std::string line_;
};

/// While the person types on the reader. What is typed on the keyboard meanwhile is not shown: it may be the
/// PIN.
class PinPadDialog : public TerminalDialog {
public:
    PinPadDialog(Terminal& terminal, client::Prompt prompt, client::PinPadReply reply);

    void ask() override;
    State on_character(char character) override;
    State decline(const std::string& reason) override { return decline_with(reply_, reason); }

private:
    client::PinPadReply reply_;
};

} // namespace digisign::cli
