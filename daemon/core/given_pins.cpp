// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/given_pins.hpp"

namespace digisign::core {

void GivenPins::answer_later(const std::string& id, std::function<void()> answer) {
    open_question_ = id;
    loop_.post([weak = weak_from_this(), id, answer = std::move(answer)] {
        const auto self = weak.lock();
        if (!self || self->open_question_ != id)
            return;
        self->open_question_.clear();
        answer();
    });
}

void GivenPins::request_pin(const std::string& id, const Prompt&, std::function<void(PinAnswer)> answer) {
    answer_later(id, [this, answer = std::move(answer)] {
        if (values_.empty()) {
            answer(Error(ErrorCode::AgentUnavailable, "the program gave no further PIN"));
            return;
        }
        PinValue value = std::move(values_.front());
        values_.pop_front();
        answer(std::move(value));
    });
}

void GivenPins::confirm(const std::string& id, Question, const Prompt&,
                        std::function<void(ConfirmAnswer)> answer) {
    answer_later(id, [answer = std::move(answer)] { answer(false); });
}

void GivenPins::cancel(const std::string& id, ErrorCode) {
    if (open_question_ == id)
        open_question_.clear();
}

} // namespace digisign::core
