// SPDX-License-Identifier: LGPL-2.1-or-later
// All jobs: limits, one at a time per card, and what ends them from outside.

#pragma once

#include "daemon/core/job.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace digisign::core {

class JobTable final : public RegistryObserver {
public:
    explicit JobTable(Job::Services services);

    /// Enters a job; nothing happens until admit(). An empty handle is replaced by a number.
    /// Throws Error: LimitExceeded, InvalidArgument (handle in use or not of letters, digits and '_').
    std::shared_ptr<Job> create(JobRequest request, Job::Callbacks callbacks);

    /// The requester is known: the job starts now, or when the card's earlier jobs are through.
    void admit(const std::shared_ptr<Job>& job, Requester requester);

    Job* find(ClientId client, std::string_view handle) const;

    /// Hang-up: nobody is left to get the results.
    void cancel_all_of(ClientId client);

    /// The card is gone, and so is what its jobs wait for.
    void on_token_removing(const Token& token) override;

    bool empty() const { return jobs_.empty(); }

private:
    struct Admitted {
        std::shared_ptr<Job> job;
        Requester requester;
    };

    void on_finished(Job& job);
    void start_next(CardSessionId session);

    Job::Services services_;
    std::map<std::pair<ClientId, std::string>, std::shared_ptr<Job>, std::less<>> jobs_;
    std::map<CardSessionId, std::deque<Admitted>> queues_; ///< the first of each is running
    std::uint64_t next_handle_ = 0;
};

} // namespace digisign::core
