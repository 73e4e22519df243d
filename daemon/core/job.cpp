// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/job.hpp"

#include "daemon/core/work.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace digisign::core {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

std::string next_job_name() {
    static std::uint64_t last = 0; // loop thread only
    return fmt::format("job{}", ++last);
}

} // namespace

std::string_view kind_of(const JobRequest& request) {
    return std::visit(Overloaded{
                          [](const VerifyPinWork& work) { return work.login ? "login" : "verify-pin"; },
                          [](const SignWork& work) {
                              switch (work.kind) {
                              case SignWork::Kind::Batch:
                                  return "sign-batch";
                              case SignWork::Kind::Test:
                                  return "test-key";
                              case SignWork::Kind::One:
                                  break;
                              }
                              return "sign";
                          },
                          [](const DecryptWork&) { return "decrypt"; },
                          [](const DeriveWork&) { return "derive"; },
                          [](const SetPinWork& work) {
                              return work.proof == SetPinRequest::Proof::Puk ? "unblock-pin" : "change-pin";
                          },
                          [](const ActivateWork&) { return "activate"; },
                      },
                      request.work);
}

Job::Job(JobServices services, CardQueues queues, JobRequest request, Callbacks callbacks)
    : callbacks_(std::move(callbacks)),
      steps_(std::make_unique<Steps>(services, std::move(queues), next_job_name(), std::move(request),
                                     Steps::Callbacks{[this](WaitingFor what) { on_waiting_for(what); },
                                                      [this](const Error& declined) { fail(declined); }})) {}

void Job::start(Requester requester) {
    if (state_ != State::Queued)
        return;
    requester.claims = request().requester_claims;
    steps_->set_requester(std::move(requester));
    state_ = State::Running;
    work_ = perform();
    const std::shared_ptr<Job> self = shared_from_this(); // it may end at once
    work_.start([this] { on_done(); });
}

Task<JobResult> Job::perform() {
    Steps& steps = *steps_;
    const bool activates = std::holds_alternative<ActivateWork>(request().work);
    if (steps.token().needs_activation() && !activates)
        throw Error(ErrorCode::NeedsActivation, "the card has not been activated yet");
    if (const auto* verify = std::get_if<VerifyPinWork>(&request().work))
        co_return co_await verify_pin(steps, *verify);
    if (const auto* signing = std::get_if<SignWork>(&request().work))
        co_return co_await sign(steps, *signing);
    if (const auto* decryption = std::get_if<DecryptWork>(&request().work))
        co_return co_await decrypt(steps, *decryption);
    if (const auto* derivation = std::get_if<DeriveWork>(&request().work))
        co_return co_await derive(steps, *derivation);
    if (const auto* setting = std::get_if<SetPinWork>(&request().work))
        co_return co_await set_pin(steps, *setting);
    co_return co_await activate(steps);
}

void Job::on_waiting_for(WaitingFor what) {
    waiting_for_ = what;
    state_ = what == WaitingFor::Turn ? State::Queued : State::Running;
    callbacks_.changed(*this);
}

void Job::on_done() {
    if (state_ == State::Finished)
        return;
    JobOutcome outcome;
    try {
        outcome.result = work_.take();
    } catch (const Error& error) {
        fail(error);
        return;
    } catch (const std::exception& error) {
        fail(Error(ErrorCode::Internal, error.what()));
        return;
    }
    finish(outcome);
}

void Job::cancel(const Error& reason) {
    end(JobOutcome::Kind::Cancelled, reason);
}

void Job::fail(const Error& error) {
    const bool declined = error.code() == ErrorCode::Cancelled || error.code() == ErrorCode::PinPadCancelled;
    end(declined ? JobOutcome::Kind::Cancelled : JobOutcome::Kind::Failed, error);
}

void Job::end(JobOutcome::Kind kind, const Error& error) {
    if (state_ == State::Finished)
        return;
    JobOutcome outcome;
    if (steps_->achieved()) {
        outcome.result = *steps_->achieved();
        finish(outcome);
        return;
    }
    outcome.kind = kind;
    outcome.error = error;
    if (error.code() == ErrorCode::PinIncorrect)
        outcome.tries_left = steps_->tries_left();
    steps_->set_withdrawal_reason(error.code());
    finish(outcome);
}

void Job::finish(const JobOutcome& outcome) {
    const std::shared_ptr<Job> self = shared_from_this(); // the callback may drop the last other reference
    state_ = State::Finished;
    waiting_for_ = WaitingFor::None;
    work_.reset(); // withdraws what it waits for, and wipes what was typed
    steps_->release_agent();
    callbacks_.finished(*this, outcome);
}

} // namespace digisign::core
