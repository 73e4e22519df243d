// SPDX-License-Identifier: LGPL-2.1-or-later
// All jobs: limits, the turns they take at a card, and what ends them from outside.

#pragma once

#include "daemon/core/job.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace digisign::core {

class JobTable final : public RegistryObserver {
public:
    explicit JobTable(JobServices services);

    /// Enters a job; nothing happens until its start(). An empty handle is replaced by a number.
    /// Throws Error: LimitExceeded, InvalidArgument (handle in use or not of letters, digits and '_').
    std::shared_ptr<Job> create(JobRequest request, Job::Callbacks callbacks);

    Job* find(ClientId client, std::string_view handle) const;

    /// Hang-up: nobody is left to get the results.
    void cancel_all_of(ClientId client);

    /// Ends what may hold a PIN for longer than one use of it: batches and activations.
    void cancel_holding_pins(const Error& reason);

    /// The card is gone, and so is what its jobs wait for.
    void on_token_removing(const Token& token) override;

    bool empty() const { return jobs_.empty(); }

private:
    template <class Condition>
    std::vector<std::shared_ptr<Job>> jobs_where(Condition condition) const;

    JobServices services_;
    std::map<std::pair<ClientId, std::string>, std::shared_ptr<Job>, std::less<>> jobs_;
    std::map<CardSessionId, CardQueues> queues_;
    std::uint64_t next_handle_ = 0;
};

} // namespace digisign::core
