// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/pin_entry.hpp"

#include "common/log.hpp"
#include "daemon/card/pin_policy.hpp"
#include "daemon/core/names.hpp"
#include "daemon/core/pin_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace digisign::core {

namespace {

void describe(const card::PinDescription& pin, Prompt& prompt) {
    prompt.pin_label = pin.label;
    if (prompt.pin_role.empty())
        prompt.pin_role = name_of(pin.role);
    prompt.min_length = pin.min_length;
    prompt.max_length = pin.max_length;
    prompt.only_digits = pin.only_digits;
}

/// What of the reader's keys is to be used.
PinPad pin_pad(const Steps& steps) {
    const Reader* reader = steps.services().registry.find_reader(steps.token().reader());
    const bool wanted =
        steps.interactive() && steps.services().settings.pin.pin_pad == configuration::PinPadUse::Prefer;
    return reader != nullptr && wanted ? reader->pin_pad : PinPad{};
}

Error blocked_error(const card::PinDescription& pin, const char* what) {
    return {pin.role == card::PinRole::Puk ? ErrorCode::PukBlocked : ErrorCode::PinBlocked,
            pin.label + " " + what};
}

Prompt::Problem problem_of(const Error& error) {
    return error.code() == ErrorCode::PinLengthInvalid ? Prompt::Problem::Length
                                                       : Prompt::Problem::Characters;
}

} // namespace

PinEntry::PinEntry(Steps& steps, card::PinDescription description, Prompt prompt)
    : steps_(steps), description_(std::move(description)), prompt_(std::move(prompt)) {
    describe(description_, prompt_);
    on_pin_pad_ = pin_pad(steps_).verify;
}

bool PinEntry::is_listed() const {
    const Pin* listed = steps_.token().find_pin(description_.reference);
    return listed != nullptr && listed->description.role == description_.role;
}

Task<void> PinEntry::begin(bool factory_value_expected) {
    if (!is_listed())
        co_return;
    const card::PinStatus status = co_await steps_.read_status(description_.reference);
    if (status.blocked)
        throw blocked_error(description_, "is blocked");
    if (status.factory_value.value_or(false) && !factory_value_expected &&
        description_.role != card::PinRole::Puk)
        throw Error(ErrorCode::NeedsActivation,
                    description_.label + " still has the value the card was delivered with");
    tries_left_ = status.tries_left;
    prompt_.tries_left = tries_left_;
}

Task<void> PinEntry::confirm_last_try() {
    if (!tries_left_ || *tries_left_ > 1 || last_try_confirmed_)
        co_return;
    if (!steps_.interactive())
        throw Error(ErrorCode::LastTryRefused,
                    fmt::format("only one try is left for {}", description_.label));
    co_await steps_.confirm(Question::LastTry, prompt_);
    last_try_confirmed_ = true;
}

/// For the end of a message; empty where the card does not tell.
std::string PinEntry::tries_text() const {
    if (!tries_left_)
        return {};
    return fmt::format("; {} {} left", *tries_left_, *tries_left_ == 1 ? "try" : "tries");
}

bool PinEntry::check(const PinValue& value) {
    try {
        card::check_pin(description_, value);
    } catch (const Error& error) {
        try_again(problem_of(error), error);
        return false;
    }
    digest_ = steps_.services().wrong_pins.digest_of(slot(), value);
    if (!steps_.services().wrong_pins.contains(slot(), digest_))
        return true;
    steps_.note_tries_left(tries_left_);
    try_again(Prompt::Problem::KnownWrong,
              Error(ErrorCode::PinIncorrect, "this " + description_.label +
                                                 " was wrong before and was not sent again" + tries_text()));
    return false;
}

Task<PinValue> PinEntry::ask() {
    co_await confirm_last_try();
    for (;;) {
        PinValue value = co_await steps_.request_pin(prompt_);
        if (check(value))
            co_return value;
    }
}

Task<bool> PinEntry::may_send(const PinValue& value) {
    co_await confirm_last_try();
    co_return check(value);
}

Task<card::PinInput> PinEntry::next_input() {
    if (!on_pin_pad_) {
        PinValue value = co_await ask();
        co_return card::PinInput(std::move(value));
    }
    co_await confirm_last_try();
    digest_.clear();
    steps_.show_pin_pad(prompt_);
    co_return card::PinInput(card::OnPinPad{steps_.services().settings.pin.pin_pad_timeout});
}

bool PinEntry::type_here_after(const Error& error) {
    if (error.code() != ErrorCode::NotSupported || !on_pin_pad_)
        return false;
    log::info(error.what());
    on_pin_pad_ = false;
    return true;
}

void PinEntry::try_again(Prompt::Problem problem, const Error& error) {
    if (!steps_.interactive())
        throw Error(error);
    prompt_.problem = problem;
}

bool PinEntry::judge(const card::PinOutcome& outcome) {
    using Kind = card::PinOutcome::Kind;
    const std::string& label = description_.label;
    WrongPins& wrong_pins = steps_.services().wrong_pins;
    switch (outcome.kind) {
    case Kind::Accepted:
        wrong_pins.on_accepted(slot());
        return true;
    case Kind::Wrong:
    case Kind::Blocked:
        break;
    case Kind::BadLength:
        throw Error(ErrorCode::PinLengthInvalid, "the card does not accept a " + label + " of this length");
    case Kind::PadTimedOut:
        throw Error(ErrorCode::PinPadTimedOut, "nobody typed on the reader in time");
    case Kind::PadCancelled:
        throw Error(ErrorCode::PinPadCancelled, "it was cancelled on the reader");
    case Kind::PadMismatch:
        throw Error(ErrorCode::PinMismatch, "the new PIN was not the same both times");
    }

    const bool blocked = outcome.kind == Kind::Blocked || outcome.tries_left == 0U;
    tries_left_ = blocked ? 0U : outcome.tries_left;
    prompt_.tries_left = tries_left_;
    if (!digest_.empty())
        wrong_pins.add(slot(), std::exchange(digest_, {}), tries_left_);
    steps_.note_refusal(is_listed() ? std::optional(description_.reference) : std::nullopt, tries_left_,
                        blocked);
    if (blocked)
        throw blocked_error(description_, "is blocked now");
    try_again(Prompt::Problem::Incorrect, Error(ErrorCode::PinIncorrect, "wrong " + label + tries_text()));
    return false;
}

Task<PinValue> ask_new_pin(Steps& steps, const card::PinDescription& pin, const PinValue* old_pin,
                           std::vector<std::string>& warnings) {
    Prompt prompt = steps.new_prompt();
    describe(pin, prompt);
    for (;;) {
        PinValue value = co_await steps.request_new_pin(prompt);
        try {
            card::check_pin(pin, value);
        } catch (const Error& error) {
            if (!steps.interactive())
                throw Error(error);
            prompt.problem = problem_of(error);
            continue;
        }
        const bool same = old_pin != nullptr && is_same(value, *old_pin);
        const bool trivial = steps.services().settings.pin.warn_trivial && is_trivial(value);
        if (steps.interactive()) {
            if (same)
                co_await steps.confirm(Question::SamePin, prompt);
            else if (trivial)
                co_await steps.confirm(Question::TrivialPin, prompt);
        } else {
            if (same)
                warnings.emplace_back("same-pin");
            if (trivial)
                warnings.emplace_back("trivial-pin");
        }
        co_return value;
    }
}

bool sets_on_pin_pad(const Steps& steps) {
    const PinPad pad = pin_pad(steps);
    return pad.verify && pad.modify;
}

} // namespace digisign::core
