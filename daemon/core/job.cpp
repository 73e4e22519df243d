// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/job.hpp"

#include "daemon/card/pin_policy.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/names.hpp"

#include <fmt/format.h>

#include <atomic>
#include <utility>

namespace digisign::core {

namespace {

std::string next_prompt_id() {
    static std::atomic<std::uint64_t> counter{0};
    return fmt::format("prompt{}", ++counter);
}

} // namespace

Job::Job(Services services, JobRequest request, Callbacks callbacks)
    : services_(services), request_(std::move(request)), callbacks_(std::move(callbacks)) {}

Job::~Job() {
    withdraw(ErrorCode::Cancelled);
}

std::string_view Job::kind() const {
    return std::holds_alternative<SignWork>(request_.work) ? "sign" : "verify-pin";
}

template <typename Result>
std::function<void(Result)> Job::guarded(void (Job::*step)(Result)) {
    return [weak = weak_from_this(), step](Result result) {
        const std::shared_ptr<Job> job = weak.lock();
        if (!job || job->state_ == State::Finished)
            return;
        try {
            ((*job).*step)(std::forward<Result>(result));
        } catch (const Error& error) {
            job->fail(error);
        } catch (const std::exception& error) {
            job->fail(Error(ErrorCode::Internal, error.what()));
        }
    };
}

void Job::start(Requester requester) {
    if (state_ != State::Queued)
        return;
    state_ = State::Running;
    requester_ = std::move(requester);
    requester_.claims = request_.requester_claims;
    try {
        if (token().needs_activation())
            throw Error(ErrorCode::NeedsActivation, "the card has not been activated yet");
        if (request_.pin_reference)
            read_pin_status();
        else
            use_card(std::nullopt);
    } catch (const Error& error) {
        fail(error);
    }
}

const Token& Job::token() const {
    const Token* token = services_.registry.find_token(request_.session);
    if (token == nullptr)
        throw Error(ErrorCode::CardRemoved, "the card was removed");
    return *token;
}

const Pin& Job::pin() const {
    const Pin* pin = token().find_pin(request_.pin_reference.value());
    if (pin == nullptr)
        throw Error(ErrorCode::KeyNotFound, "the card has no such PIN");
    return *pin;
}

void Job::read_pin_status() {
    wait_for(WaitingFor::Card);
    card_call_ = services_.readers.read_pin_status(request_.session, *request_.pin_reference,
                                                   limits::card_timeout, guarded(&Job::on_pin_status));
}

void Job::on_pin_status(PinStatusResult result) {
    card_call_.reset();
    if (const Error* error = std::get_if<Error>(&result))
        throw *error;
    const card::PinStatus& status = std::get<card::PinStatus>(result);
    services_.registry.update_pin_status(request_.session, *request_.pin_reference, status);
    if (status.blocked)
        throw Error(ErrorCode::PinBlocked, pin().description.label + " is blocked");
    if (status.factory_value.value_or(false))
        throw Error(ErrorCode::NeedsActivation,
                    pin().description.label + " still has the value the card was delivered with");
    tries_left_ = status.tries_left;
    ask_for_pin(PinPrompt::Problem::None);
}

void Job::ask_for_pin(PinPrompt::Problem problem) {
    if (tries_left_ && *tries_left_ <= 1 && !request_.agent->interactive())
        throw Error(ErrorCode::LastTryRefused,
                    fmt::format("only one try is left for {}", pin().description.label));
    wait_for(WaitingFor::Pin);
    prompt_id_ = next_prompt_id();
    request_.agent->request_pin(prompt_id_, prompt(problem), guarded(&Job::on_pin_answer));
}

void Job::on_pin_answer(PinAnswer answer) {
    prompt_id_.clear();
    if (const Error* error = std::get_if<Error>(&answer))
        throw *error;
    PinValue& value = std::get<PinValue>(answer);
    try {
        card::check_pin(pin().description, value);
    } catch (const Error& error) {
        ask_again_or_fail(error.code() == ErrorCode::PinLengthInvalid ? PinPrompt::Problem::Length
                                                                      : PinPrompt::Problem::Characters,
                          error);
        return;
    }
    use_card(PresentedPin{*request_.pin_reference, std::move(value)});
}

void Job::use_card(std::optional<PresentedPin> presented) {
    wait_for(WaitingFor::Card);
    if (const auto* sign = std::get_if<SignWork>(&request_.work)) {
        card_call_ = services_.readers.sign(
            request_.session, SignRequest{sign->key_id, sign->mechanism, sign->data, std::move(presented)},
            limits::card_timeout, guarded(&Job::on_sign_result));
    } else {
        card_call_ = services_.readers.verify(request_.session, std::move(presented.value()),
                                              limits::card_timeout, guarded(&Job::on_verify_result));
    }
}

void Job::on_verify_result(VerifyResult result) {
    card_call_.reset();
    if (const Error* error = std::get_if<Error>(&result))
        throw *error;
    const card::PinOutcome& outcome = std::get<card::PinOutcome>(result);
    if (outcome.kind != card::PinOutcome::Kind::Accepted) {
        on_pin_refused(outcome);
        return;
    }
    services_.readers.refresh_pin_statuses(request_.session); // the counter is full again
    finish({JobOutcome::Kind::Done, {}, {}, {}});
}

void Job::on_sign_result(SignResult result) {
    card_call_.reset();
    if (const Error* error = std::get_if<Error>(&result))
        throw *error;
    if (const auto* outcome = std::get_if<card::PinOutcome>(&result)) {
        on_pin_refused(*outcome);
        return;
    }
    // The right PIN has filled the counter again. To what number only the card knows, and asking it for each
    // signature would cost more exchanges than the signature; so it is asked where the old number would alarm
    // somebody.
    if (tries_left_ && *tries_left_ < limits::alarming_tries)
        services_.readers.refresh_pin_statuses(request_.session);
    finish({JobOutcome::Kind::Done, {}, {}, std::move(std::get<Bytes>(result))});
}

void Job::on_pin_refused(const card::PinOutcome& outcome) {
    const std::string& label = pin().description.label;
    if (outcome.kind == card::PinOutcome::Kind::BadLength)
        throw Error(ErrorCode::PinLengthInvalid, "the card does not accept a PIN of this length");
    card::PinStatus status = pin().status.value_or(card::PinStatus{});
    const bool blocked = outcome.kind == card::PinOutcome::Kind::Blocked || outcome.tries_left == 0U;
    status.tries_left = blocked ? 0U : outcome.tries_left;
    status.blocked = blocked;
    services_.registry.update_pin_status(request_.session, *request_.pin_reference, status);
    if (blocked)
        throw Error(ErrorCode::PinBlocked, label + " is blocked now");
    tries_left_ = outcome.tries_left;
    ask_again_or_fail(
        PinPrompt::Problem::Incorrect,
        Error(ErrorCode::PinIncorrect, tries_left_ ? fmt::format("wrong {}; {} {} left", label, *tries_left_,
                                                                 *tries_left_ == 1 ? "try" : "tries")
                                                   : fmt::format("wrong {}", label)));
}

void Job::ask_again_or_fail(PinPrompt::Problem problem, const Error& error) {
    if (request_.agent->interactive())
        ask_for_pin(problem);
    else
        throw error;
}

PinPrompt Job::prompt(PinPrompt::Problem problem) const {
    const Token& card = token();
    const card::PinDescription& description = pin().description;
    PinPrompt prompt;
    prompt.purpose = kind();
    prompt.pin_label = description.label;
    prompt.pin_role = name_of(description.role);
    prompt.token_label = card.description().label;
    prompt.reader = card.reader().value;
    prompt.min_length = description.min_length;
    prompt.max_length = description.max_length;
    prompt.only_digits = description.only_digits;
    prompt.tries_left = tries_left_;
    if (const auto* sign = std::get_if<SignWork>(&request_.work)) {
        if (const Key* key = card.find_key(sign->key_id))
            prompt.key_label = key->description.label;
        if (const Certificate* certificate = card.find_certificate(sign->key_id))
            prompt.certificate_name = certificate->content.subject_common_name();
        prompt.document = sign->document;
    }
    prompt.problem = problem;
    prompt.requester = requester_;
    return prompt;
}

void Job::wait_for(WaitingFor what) {
    if (waiting_for_ == what)
        return;
    waiting_for_ = what;
    callbacks_.changed(*this);
}

void Job::cancel(const Error& reason) {
    if (state_ == State::Finished)
        return;
    withdraw(reason.code());
    finish({JobOutcome::Kind::Cancelled, reason, {}, {}});
}

void Job::fail(const Error& error) {
    if (state_ == State::Finished)
        return;
    withdraw(error.code());
    const bool declined = error.code() == ErrorCode::Cancelled;
    finish({declined ? JobOutcome::Kind::Cancelled : JobOutcome::Kind::Failed,
            error,
            error.code() == ErrorCode::PinIncorrect ? tries_left_ : std::nullopt,
            {}});
}

void Job::withdraw(ErrorCode reason) {
    if (!prompt_id_.empty())
        request_.agent->cancel(std::exchange(prompt_id_, {}), reason);
    if (card_call_)
        services_.readers.cancel(*std::exchange(card_call_, std::nullopt));
}

void Job::finish(JobOutcome outcome) {
    const std::shared_ptr<Job> self = shared_from_this(); // the callback may drop the last other reference
    state_ = State::Finished;
    waiting_for_ = WaitingFor::None;
    callbacks_.finished(*this, outcome);
}

} // namespace digisign::core
