// SPDX-License-Identifier: LGPL-2.1-or-later
// One piece of work that may wait for a person and a card, from its start to its end.

#pragma once

#include "daemon/core/job_request.hpp"
#include "daemon/core/steps.hpp"

#include <functional>
#include <memory>
#include <string>

namespace digisign::core {

/// Runs on the loop thread. Nothing of it holds the card while a person types.
class Job : public std::enable_shared_from_this<Job> {
public:
    enum class State { Queued, Running, Finished };

    /// How a job reports. Both are called on the loop thread.
    struct Callbacks {
        std::function<void(const Job&)> changed;
        std::function<void(Job&, const JobOutcome&)> finished; ///< exactly once
    };

    Job(JobServices services, CardQueues queues, JobRequest request, Callbacks callbacks);

    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    const JobRequest& request() const { return steps_->request(); }
    std::string_view kind() const { return kind_of(request()); }
    /// Queued while another job of the same card asks for a PIN.
    State state() const { return state_; }
    WaitingFor waiting_for() const { return waiting_for_; }

    /// The requester is known by now.
    void start(Requester requester);

    /// Ends the job now; `reason` is what its creator is told. No effect once finished.
    void cancel(const Error& reason);
    void fail(const Error& error);

private:
    Task<JobResult> perform();
    void on_done();
    void end(JobOutcome::Kind kind, const Error& error);
    void finish(const JobOutcome& outcome);
    void on_waiting_for(WaitingFor what);

    Callbacks callbacks_;
    std::unique_ptr<Steps> steps_;
    Task<JobResult> work_; ///< uses steps_, so declared after it
    State state_ = State::Queued;
    WaitingFor waiting_for_ = WaitingFor::None;
};

} // namespace digisign::core
