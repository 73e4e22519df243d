// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/job_table.hpp"

#include "daemon/core/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace digisign::core {

namespace {

bool is_valid_handle(std::string_view handle) {
    return handle.size() <= limits::handle_length && std::ranges::all_of(handle, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
           });
}

bool may_hold_pin(const Job& job) {
    const auto* signing = std::get_if<SignWork>(&job.request().work);
    return (signing != nullptr && signing->kind == SignWork::Kind::Batch) ||
           std::holds_alternative<ActivateWork>(job.request().work);
}

} // namespace

JobTable::JobTable(JobServices services) : services_(services) {
    services_.registry.add_observer(*this);
}

std::shared_ptr<Job> JobTable::create(JobRequest request, Job::Callbacks callbacks) {
    const auto of_client =
        std::ranges::count_if(jobs_, [&](const auto& entry) { return entry.first.first == request.client; });
    if (static_cast<std::size_t>(of_client) >= limits::jobs_per_client || jobs_.size() >= limits::jobs_in_all)
        throw Error(ErrorCode::LimitExceeded, "too many jobs are waiting already");
    if (!is_valid_handle(request.client_handle))
        throw Error(ErrorCode::InvalidArgument,
                    "a job's handle may have up to 64 letters, digits and underscores, nothing else");
    if (request.client_handle.empty())
        request.client_handle = fmt::format("_{}", ++next_handle_);

    const auto [entry, inserted] = jobs_.try_emplace({request.client, request.client_handle});
    if (!inserted)
        throw Error(ErrorCode::InvalidArgument, "a job with this handle is there already");
    callbacks.finished = [this, report = std::move(callbacks.finished)](Job& job, const JobOutcome& outcome) {
        report(job, outcome);
        jobs_.erase(std::pair(job.request().client, job.request().client_handle));
    };
    CardQueues& queues = queues_[request.session];
    if (!queues.prompt)
        queues = {std::make_shared<TurnQueue>(services_.loop), std::make_shared<TurnQueue>(services_.loop)};
    entry->second = std::make_shared<Job>(services_, queues, std::move(request), std::move(callbacks));
    return entry->second;
}

Job* JobTable::find(ClientId client, std::string_view handle) const {
    const auto found = jobs_.find(std::pair(client, std::string(handle)));
    return found == jobs_.end() ? nullptr : found->second.get();
}

template <class Condition>
std::vector<std::shared_ptr<Job>> JobTable::jobs_where(Condition condition) const {
    std::vector<std::shared_ptr<Job>> jobs; // a copy: each one leaves the table as it ends
    for (const auto& [key, job] : jobs_)
        if (condition(*job))
            jobs.push_back(job);
    return jobs;
}

void JobTable::cancel_all_of(ClientId client) {
    for (const auto& job : jobs_where([client](const Job& job) { return job.request().client == client; }))
        job->cancel(Error(ErrorCode::Cancelled, "the program that started it has gone"));
}

void JobTable::cancel_holding_pins(const Error& reason) {
    for (const auto& job : jobs_where(may_hold_pin))
        job->cancel(reason);
}

void JobTable::on_token_removing(const Token& token) {
    const CardSessionId session = token.session();
    for (const auto& job : jobs_where([session](const Job& job) { return job.request().session == session; }))
        job->fail(Error(ErrorCode::CardRemoved, "the card was removed"));
    queues_.erase(session);
    services_.wrong_pins.on_card_removed(token.id());
}

} // namespace digisign::core
