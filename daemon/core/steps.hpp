// SPDX-License-Identifier: LGPL-2.1-or-later
// What jobs are made of: each step waits for the card or for a person and can be ended while it waits.

#pragma once

#include "configuration/settings.hpp"
#include "daemon/core/agent.hpp"
#include "daemon/core/job_request.hpp"
#include "daemon/core/login_table.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/core/registry.hpp"
#include "daemon/core/task.hpp"
#include "daemon/core/turn_queue.hpp"
#include "daemon/core/wrong_pins.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace digisign::core {

/// What jobs use; all outlive them.
struct JobServices {
    EventLoop& loop;
    Registry& registry;
    ReaderPort& readers;
    LoginTable& logins;
    WrongPins& wrong_pins;
    const configuration::Settings& settings;
};

/// What the jobs of one card take in turns.
struct CardQueues {
    std::shared_ptr<TurnQueue> prompt; ///< asking a person, and using what was typed
    std::shared_ptr<TurnQueue> card;   ///< one request to the card
};

enum class WaitingFor { None, Turn, Pin, PinPad, Consent, Card };

class Steps {
public:
    struct Callbacks {
        std::function<void(WaitingFor)> waiting_for;
        std::function<void(const Error&)> declined; ///< the person does not want to type on the reader
    };

    Steps(JobServices services, CardQueues queues, std::string job, JobRequest request, Callbacks callbacks);

    Steps(const Steps&) = delete;
    Steps& operator=(const Steps&) = delete;

    const JobServices& services() const { return services_; }
    const JobRequest& request() const { return request_; }
    const Requester& requester() const { return requester_; }
    void set_requester(Requester requester) { requester_ = std::move(requester); }

    /// The job has done what it was for; whatever ends it from now on, this is its result.
    void set_achieved(JobResult result) { achieved_ = std::move(result); }
    const std::optional<JobResult>& achieved() const { return achieved_; }

    /// What an agent is told if the job is ended from now on.
    void set_withdrawal_reason(ErrorCode reason) { withdrawal_reason_ = reason; }
    /// The job has ended; nothing may be asked any more.
    void release_agent();

    /// Throws Error(CardRemoved).
    const Token& token() const;
    /// Throws Error(CardRemoved, InvalidArgument).
    const Pin& pin(std::uint8_t reference) const;

    /// False for an agent that only has a PIN to give, and where there is no agent.
    bool interactive() const { return request_.agent && request_.agent->interactive(); }

    /// A prompt with what is the same in all questions of the job.
    Prompt new_prompt() const;

    // One job per card asks at a time; the others wait here.
    Task<TurnQueue::Turn> prompt_turn();

    // A person. Throw Error: Cancelled, TimedOut, AgentUnavailable.
    Task<PinValue> request_pin(const Prompt& prompt);
    Task<PinValue> request_new_pin(const Prompt& prompt);
    /// Throws Error(Cancelled) if the person does not agree.
    Task<void> confirm(Question question, const Prompt& prompt);
    /// Until the next question, or the end of the job.
    void show_pin_pad(const Prompt& prompt);

    // The card. Throw the Error of the request.
    Task<card::PinStatus> read_status(std::uint8_t pin);
    Task<SignResult> sign(SignRequest request);
    Task<SecretResult> decipher(DecipherRequest request);
    Task<SecretResult> derive(DeriveRequest request);
    Task<card::PinOutcome> verify(VerifyRequest request);
    Task<card::PinOutcome> set_pin(SetPinRequest request);
    /// Has the state of all PINs read anew and waits for that, so that whoever learns that the job is done
    /// finds it up to date. Throws nothing: what the job was for is done. `pin` is any of them.
    Task<void> refresh_pins(std::uint8_t pin);

    /// What the card told when it refused a PIN; `listed` is its reference if it has one.
    void note_refusal(std::optional<std::uint8_t> listed, std::optional<unsigned> tries_left, bool blocked);
    void note_tries_left(std::optional<unsigned> tries_left) { tries_left_ = tries_left; }
    /// Of the PIN that was refused last, where the card tells.
    std::optional<unsigned> tries_left() const { return tries_left_; }

private:
    template <class Result>
    using ReaderCall = std::function<RequestId(ReaderPort::Callback<Result>)>;

    /// In the card's turn.
    template <class Result>
    Task<Result> call_card(ReaderCall<Result> call, bool on_pin_pad);

    template <class Result, class Request>
    using KeyCall = RequestId (ReaderPort::*)(CardSessionId, Request, std::chrono::milliseconds,
                                              ReaderPort::Callback<Result>);

    template <class Result, class Request>
    Task<Result> use_key(KeyCall<Result, Request> call, Request request);

    template <class Result>
    Task<Result> ask(std::function<void(Agent&, const std::string& id, std::function<void(Result)>)> question,
                     WaitingFor what);

    Agent& agent() const;
    std::string new_question_id();
    std::chrono::milliseconds timeout(bool on_pin_pad) const;
    void wait_for(WaitingFor what);

    JobServices services_;
    CardQueues queues_;
    std::string job_;
    JobRequest request_;
    Callbacks callbacks_;
    Requester requester_;
    std::optional<JobResult> achieved_;
    ErrorCode withdrawal_reason_ = ErrorCode::Cancelled;
    std::optional<unsigned> tries_left_;
    unsigned questions_ = 0;
    std::string pin_pad_question_; ///< not empty while it is shown
    WaitingFor waiting_for_ = WaitingFor::None;
};

} // namespace digisign::core
