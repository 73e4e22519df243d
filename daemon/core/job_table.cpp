// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/job_table.hpp"

#include "daemon/core/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace digisign::core {

namespace {

bool is_valid_handle(std::string_view handle) {
    return handle.size() <= limits::handle_length && std::ranges::all_of(handle, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
           });
}

} // namespace

JobTable::JobTable(Job::Services services) : services_(services) {
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
        on_finished(job);
    };
    entry->second = std::make_shared<Job>(services_, std::move(request), std::move(callbacks));
    return entry->second;
}

void JobTable::admit(const std::shared_ptr<Job>& job, Requester requester) {
    if (job->state() == Job::State::Finished) // cancelled while the requester was being looked up
        return;
    const CardSessionId session = job->request().session;
    std::deque<Admitted>& queue = queues_[session];
    queue.push_back({job, std::move(requester)});
    if (queue.size() == 1)
        start_next(session);
}

Job* JobTable::find(ClientId client, std::string_view handle) const {
    const auto found = jobs_.find(std::pair(client, std::string(handle)));
    return found == jobs_.end() ? nullptr : found->second.get();
}

void JobTable::cancel_all_of(ClientId client) {
    std::vector<std::shared_ptr<Job>> jobs; // each one leaves the table as it ends
    for (const auto& [key, job] : jobs_)
        if (key.first == client)
            jobs.push_back(job);
    for (const auto& job : jobs)
        job->cancel(Error(ErrorCode::Cancelled, "the program that started it has gone"));
}

void JobTable::on_token_removing(const Token& token) {
    std::vector<std::shared_ptr<Job>> jobs;
    for (const auto& [key, job] : jobs_)
        if (job->request().session == token.session())
            jobs.push_back(job);
    for (const auto& job : jobs)
        job->fail(Error(ErrorCode::CardRemoved, "the card was removed"));
}

void JobTable::on_finished(Job& job) {
    const CardSessionId session = job.request().session;
    jobs_.erase(std::pair(job.request().client, job.request().client_handle));
    const auto found = queues_.find(session);
    if (found == queues_.end())
        return;
    std::deque<Admitted>& queue = found->second;
    const bool was_running = !queue.empty() && queue.front().job.get() == &job;
    std::erase_if(queue, [&](const Admitted& admitted) { return admitted.job.get() == &job; });
    if (queue.empty())
        queues_.erase(found);
    else if (was_running)
        start_next(session);
}

void JobTable::start_next(CardSessionId session) {
    const Admitted next = queues_.at(session).front(); // a copy: a job that fails at once leaves the queue
    next.job->start(next.requester);
}

} // namespace digisign::core
