// SPDX-License-Identifier: LGPL-2.1-or-later
// Whoever answers digisignd's questions: a person at a terminal or a window, or a script.

#pragma once

#include "client/connection.hpp"
#include "client/prompt.hpp"
#include "common/error.hpp"
#include "common/pin_value.hpp"

#include <string>

namespace digisign::client {

/// The one chance to answer a question.
class Reply {
public:
    Reply(Connection& connection, Message question)
        : connection_(&connection), question_(std::move(question)) {}

    /// Cancelled says that the person declined.
    void decline(ErrorCode code, const std::string& reason);

protected:
    ~Reply() = default;
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) noexcept = delete;

    bool is_answered() const { return !question_; }
    /// The answer, to be filled and sent; empty if nobody waits for it any more.
    Message take_answer();
    void send(const Message& answer) { connection_->send(answer); }

private:
    Connection* connection_;
    Message question_; ///< empty once answered
};

/// Destroyed unused, it declines.
class PinReply : public Reply {
public:
    using Reply::Reply;
    ~PinReply();
    PinReply(PinReply&&) noexcept = default;

    void answer(const PinValue& pin);
};

/// Destroyed unused, it declines.
class ConfirmReply : public Reply {
public:
    using Reply::Reply;
    ~ConfirmReply();
    ConfirmReply(ConfirmReply&&) noexcept = default;

    void answer(bool agreed);
};

/// Only for the person who does not want to type on the reader. Destroyed unused, it says nothing.
class PinPadReply : public Reply {
public:
    using Reply::Reply;
    ~PinPadReply();
    PinPadReply(PinPadReply&&) noexcept = default;
};

/// Every call returns at once; the answer is given when it is there. One question of a job comes after the
/// other.
class Prompter {
public:
    virtual ~Prompter() = default;

    virtual void request_pin(Prompt prompt, PinReply reply) = 0;
    /// A new value; the prompter makes sure that it was not mistyped.
    virtual void request_new_pin(Prompt prompt, PinReply reply) = 0;
    virtual void confirm(Question question, Prompt prompt, ConfirmReply reply) = 0;
    /// "Type on the reader", until the next question of the same job, cancel() or release().
    virtual void show_pin_pad(Prompt prompt, PinPadReply reply) = 0;

    /// The question is over for the reason given; no answer is expected any more.
    virtual void cancel(const std::string& id, ErrorCode reason) = 0;
    /// The job asks nothing more.
    virtual void release(const std::string& job) = 0;
};

} // namespace digisign::client
