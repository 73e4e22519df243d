// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers for PINs that an application handed over with its call.

#pragma once

#include "daemon/core/agent.hpp"
#include "daemon/core/ports.hpp"

#include <deque>
#include <memory>

namespace digisign::core {

/// Gives each value once, in order; not interactive, so it is never asked twice for one, nor for the last
/// try.
class GivenPins final : public Agent, public std::enable_shared_from_this<GivenPins> {
public:
    /// `loop` outlives this object.
    GivenPins(LoopPoster& loop, std::deque<PinValue> values) : loop_(loop), values_(std::move(values)) {}

    bool interactive() const override { return false; }

    void request_pin(const std::string& id, const Prompt& prompt,
                     std::function<void(PinAnswer)> answer) override;
    void request_new_pin(const std::string& id, const Prompt& prompt,
                         std::function<void(PinAnswer)> answer) override {
        request_pin(id, prompt, std::move(answer));
    }
    void confirm(const std::string& id, Question question, const Prompt& prompt,
                 std::function<void(ConfirmAnswer)> answer) override;
    void show_pin_pad(const std::string&, const Prompt&, std::function<void(Error)>) override {}
    void cancel(const std::string& id, ErrorCode reason) override;
    void release(const std::string&) override { values_.clear(); }

private:
    void answer_later(const std::string& id, std::function<void()> answer);

    LoopPoster& loop_;
    std::deque<PinValue> values_;
    std::string open_question_; ///< not empty until it is answered
};

} // namespace digisign::core
