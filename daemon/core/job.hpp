// SPDX-License-Identifier: LGPL-2.1-or-later
// One piece of work that waits for a person and a card: ask for the PIN, then use it once.

#pragma once

#include "daemon/core/agent.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/core/registry.hpp"
#include "daemon/core/requester.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace digisign::core {

/// Presents the PIN and forgets it again, to test it.
struct VerifyPinWork {};

struct SignWork {
    Bytes key_id;
    SignatureMechanism mechanism;
    Bytes data;
    std::string document; ///< claimed by the requester, for the prompt
};

struct JobRequest {
    ClientId client{};
    std::string client_handle; ///< last element of the job's object path
    CardSessionId session{};
    std::optional<std::uint8_t> pin_reference; ///< empty for a key that needs no PIN
    std::variant<VerifyPinWork, SignWork> work;
    std::shared_ptr<Agent> agent; ///< may be null where no PIN is needed
    std::string requester_claims;
};

struct JobOutcome {
    enum class Kind { Done, Failed, Cancelled };

    Kind kind = Kind::Done;
    std::optional<Error> error;         ///< with Failed and Cancelled
    std::optional<unsigned> tries_left; ///< with PinIncorrect, where the card tells
    Bytes signature;                    ///< with Done, of SignWork
};

/// Runs on the loop thread. Steps: queued (one job at a time per card) → PIN status read → PIN asked → card.
/// Nothing of it holds the card while a person types.
class Job : public std::enable_shared_from_this<Job> {
public:
    enum class State { Queued, Running, Finished };
    enum class WaitingFor { None, Pin, Card };

    /// What a job uses; all outlive it.
    struct Services {
        Registry& registry;
        ReaderPort& readers;
    };

    /// How a job reports. Both are called on the loop thread.
    struct Callbacks {
        std::function<void(const Job&)> changed;
        std::function<void(Job&, const JobOutcome&)> finished; ///< exactly once
    };

    Job(Services services, JobRequest request, Callbacks callbacks);
    ~Job();

    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    const JobRequest& request() const { return request_; }
    std::string_view kind() const;
    State state() const { return state_; }
    WaitingFor waiting_for() const { return waiting_for_; }

    /// Its turn has come. The requester is known by now.
    void start(Requester requester);

    /// Ends the job now; `reason` is what its creator is told. No effect once finished.
    void cancel(const Error& reason);
    void fail(const Error& error);

private:
    const Token& token() const; ///< throws Error(CardRemoved)
    const Pin& pin() const;

    void read_pin_status();
    void on_pin_status(PinStatusResult result);
    void ask_for_pin(PinPrompt::Problem problem);
    void on_pin_answer(PinAnswer answer);
    void use_card(std::optional<PresentedPin> pin);
    void on_verify_result(VerifyResult result);
    void on_sign_result(SignResult result);
    void on_pin_refused(const card::PinOutcome& outcome);

    PinPrompt prompt(PinPrompt::Problem problem) const;
    void ask_again_or_fail(PinPrompt::Problem problem, const Error& error);
    void wait_for(WaitingFor what);
    void finish(JobOutcome outcome);
    void withdraw(ErrorCode reason);

    /// Wraps a member function so that it does nothing once the job is gone or finished, and so that an
    /// exception of a step ends the job and not the loop.
    template <typename Result>
    std::function<void(Result)> guarded(void (Job::*step)(Result));

    Services services_;
    JobRequest request_;
    Callbacks callbacks_;
    Requester requester_;
    State state_ = State::Queued;
    WaitingFor waiting_for_ = WaitingFor::None;
    std::string prompt_id_;              ///< not empty while the agent is asked
    std::optional<RequestId> card_call_; ///< while a request is with the reader
    std::optional<unsigned> tries_left_;
};

} // namespace digisign::core
