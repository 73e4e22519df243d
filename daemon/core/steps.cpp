// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/steps.hpp"

#include <fmt/format.h>

#include <utility>

namespace digisign::core {

namespace {

/// The reader's own limit ends first, so that it can say why.
constexpr std::chrono::seconds pin_pad_grace{15};

} // namespace

Steps::Steps(JobServices services, CardQueues queues, std::string job, JobRequest request,
             Callbacks callbacks)
    : services_(services),
      queues_(std::move(queues)),
      job_(std::move(job)),
      request_(std::move(request)),
      callbacks_(std::move(callbacks)) {}

void Steps::release_agent() {
    if (!request_.agent || questions_ == 0)
        return;
    if (!pin_pad_question_.empty())
        request_.agent->cancel(std::exchange(pin_pad_question_, {}), withdrawal_reason_);
    request_.agent->release(job_);
}

const Token& Steps::token() const {
    const Token* token = services_.registry.find_token(request_.session);
    if (token == nullptr)
        throw Error(ErrorCode::CardRemoved, "the card was removed");
    return *token;
}

const Pin& Steps::pin(std::uint8_t reference) const {
    const Pin* pin = token().find_pin(reference);
    if (pin == nullptr)
        throw Error(ErrorCode::InvalidArgument, "the card has no such PIN");
    return *pin;
}

Prompt Steps::new_prompt() const {
    Prompt prompt;
    prompt.job = job_;
    prompt.purpose = kind_of(request_);
    prompt.token_label = token().description().label;
    prompt.reader = token().reader().value;
    prompt.requester = requester_;
    return prompt;
}

Agent& Steps::agent() const {
    if (!request_.agent)
        throw Error(ErrorCode::AgentUnavailable, "no program is there to ask for the PIN");
    return *request_.agent;
}

std::string Steps::new_question_id() {
    return fmt::format("{}_{}", job_, ++questions_);
}

std::chrono::milliseconds Steps::timeout(bool on_pin_pad) const {
    const configuration::Settings& settings = services_.settings;
    return on_pin_pad ? settings.pin.pin_pad_timeout + pin_pad_grace : settings.card.timeout;
}

void Steps::wait_for(WaitingFor what) {
    if (std::exchange(waiting_for_, what) != what)
        callbacks_.waiting_for(what);
}

Task<TurnQueue::Turn> Steps::prompt_turn() {
    if (!queues_.prompt->idle())
        wait_for(WaitingFor::Turn);
    Answer<TurnQueue::Turn> turn = queues_.prompt->wait(request_.client);
    co_return co_await turn;
}

template <class Result>
Task<Result>
Steps::ask(std::function<void(Agent&, const std::string& id, std::function<void(Result)>)> question,
           WaitingFor what) {
    wait_for(what);
    pin_pad_question_.clear();
    Answer<Result> answer([&](std::function<void(Result)> answered) {
        const std::string id = new_question_id();
        question(agent(), id, std::move(answered));
        return [this, id] { request_.agent->cancel(id, withdrawal_reason_); };
    });
    co_return co_await answer;
}

Task<PinValue> Steps::request_pin(const Prompt& prompt) {
    PinAnswer answer = co_await ask<PinAnswer>(
        [&prompt](Agent& agent, const std::string& id, std::function<void(PinAnswer)> answered) {
            agent.request_pin(id, prompt, std::move(answered));
        },
        WaitingFor::Pin);
    if (const Error* error = std::get_if<Error>(&answer))
        throw Error(*error);
    co_return std::move(std::get<PinValue>(answer));
}

Task<PinValue> Steps::request_new_pin(const Prompt& prompt) {
    PinAnswer answer = co_await ask<PinAnswer>(
        [&prompt](Agent& agent, const std::string& id, std::function<void(PinAnswer)> answered) {
            agent.request_new_pin(id, prompt, std::move(answered));
        },
        WaitingFor::Pin);
    if (const Error* error = std::get_if<Error>(&answer))
        throw Error(*error);
    co_return std::move(std::get<PinValue>(answer));
}

Task<void> Steps::confirm(Question question, const Prompt& prompt) {
    ConfirmAnswer answer = co_await ask<ConfirmAnswer>(
        [question, &prompt](Agent& agent, const std::string& id,
                            std::function<void(ConfirmAnswer)> answered) {
            agent.confirm(id, question, prompt, std::move(answered));
        },
        WaitingFor::Consent);
    if (const Error* error = std::get_if<Error>(&answer))
        throw Error(*error);
    if (!std::get<bool>(answer))
        throw Error(ErrorCode::Cancelled, "it was not confirmed");
}

void Steps::show_pin_pad(const Prompt& prompt) {
    pin_pad_question_ = new_question_id();
    agent().show_pin_pad(pin_pad_question_, prompt, [this, id = pin_pad_question_](const Error& error) {
        if (id == pin_pad_question_) // else the reader was faster
            callbacks_.declined(error);
    });
}

template <class Result>
Task<Result> Steps::call_card(ReaderCall<Result> call, bool on_pin_pad) {
    wait_for(on_pin_pad ? WaitingFor::PinPad : WaitingFor::Card);
    Answer<TurnQueue::Turn> waiting = queues_.card->wait(request_.client);
    const TurnQueue::Turn turn = co_await waiting;
    Answer<Result> answer([&](ReaderPort::Callback<Result> answered) {
        const RequestId id = call(std::move(answered));
        return [this, id] { services_.readers.cancel(id); };
    });
    Result result = co_await answer;
    pin_pad_question_.clear();
    if (const Error* error = std::get_if<Error>(&result))
        throw Error(*error);
    co_return result;
}

Task<card::PinStatus> Steps::read_status(std::uint8_t pin) {
    const auto result = co_await call_card<PinStatusResult>(
        [this, pin](auto answered) {
            return services_.readers.read_pin_status(request_.session, {pin}, timeout(false),
                                                     std::move(answered));
        },
        false);
    const card::PinStatus& status = std::get<card::PinStatus>(result);
    services_.registry.update_pin_status(request_.session, pin, status);
    services_.wrong_pins.on_tries_read({token().id(), pin}, status.tries_left);
    co_return status;
}

Task<void> Steps::refresh_pins(std::uint8_t pin) {
    services_.readers.refresh_pin_statuses(request_.session);
    try {
        (void)co_await read_status(
            pin); // answered after the refresh, since the reader takes one after the other
    } catch (const Error&) {
        // The card is gone or does not answer. Its state is read when it comes back.
    }
}

template <class Result, class Request>
Task<Result> Steps::use_key(KeyCall<Result, Request> call, Request request) {
    const bool on_pin_pad = request.pin && std::holds_alternative<card::OnPinPad>(request.pin->input);
    co_return co_await call_card<Result>(
        [this, call, &request, on_pin_pad](auto answered) {
            return (services_.readers.*call)(request_.session, std::move(request), timeout(on_pin_pad),
                                             std::move(answered));
        },
        on_pin_pad);
}

Task<SignResult> Steps::sign(SignRequest request) {
    return use_key(&ReaderPort::sign, std::move(request));
}

Task<SecretResult> Steps::decipher(DecipherRequest request) {
    return use_key(&ReaderPort::decipher, std::move(request));
}

Task<SecretResult> Steps::derive(DeriveRequest request) {
    return use_key(&ReaderPort::derive, std::move(request));
}

Task<card::PinOutcome> Steps::verify(VerifyRequest request) {
    const bool on_pin_pad = std::holds_alternative<card::OnPinPad>(request.pin.input);
    const auto result = co_await call_card<PinResult>(
        [this, &request, on_pin_pad](auto answered) {
            return services_.readers.verify(request_.session, std::move(request), timeout(on_pin_pad),
                                            std::move(answered));
        },
        on_pin_pad);
    co_return std::get<card::PinOutcome>(result);
}

Task<card::PinOutcome> Steps::set_pin(SetPinRequest request) {
    const bool on_pin_pad = std::holds_alternative<card::OnPinPad>(request.input);
    const auto result = co_await call_card<PinResult>(
        [this, &request, on_pin_pad](auto answered) {
            return services_.readers.set_pin(request_.session, std::move(request), timeout(on_pin_pad),
                                             std::move(answered));
        },
        on_pin_pad);
    co_return std::get<card::PinOutcome>(result);
}

void Steps::note_refusal(std::optional<std::uint8_t> listed, std::optional<unsigned> tries_left,
                         bool blocked) {
    tries_left_ = tries_left;
    const Pin* known = listed ? token().find_pin(*listed) : nullptr;
    if (known == nullptr)
        return;
    card::PinStatus status = known->status.value_or(card::PinStatus{});
    status.tries_left = tries_left;
    status.blocked = blocked;
    status.verified = false;
    services_.registry.update_pin_status(request_.session, *listed, status);
    // A wrong PIN takes the verified state from the card, and with it everybody's login on this PIN.
    services_.logins.on_lost(request_.session, *listed);
}

} // namespace digisign::core
