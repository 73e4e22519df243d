// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/job_table.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <system_error>
#include <utility>

namespace digisign::documents {

namespace {

constexpr std::size_t max_running = 4;
constexpr std::size_t max_per_client = 16;
constexpr std::size_t max_in_all = 256;
constexpr std::size_t max_handle_length = 64;

bool is_path_element(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; });
}

/// ":1.42" → "1_42", as in portals.
std::string sender_element(std::string name) {
    std::erase(name, ':');
    std::ranges::replace(name, '.', '_');
    return name;
}

JobOutcome run(const JobTable::Task& task, JobControl& control) noexcept {
    try {
        return task(control);
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        return Error(ErrorCode::Internal, error.what());
    }
}

} // namespace

void JobControl::throw_if_cancelled() const {
    if (cancel_.cancelled())
        throw Error(ErrorCode::Cancelled, "cancelled");
}

JobTable::JobTable(sdbus::EventLoop& loop, std::string root_path, std::function<void()> on_empty)
    : loop_(loop), root_path_(std::move(root_path)), on_empty_(std::move(on_empty)) {}

JobTable::~JobTable() {
    for (auto& [id, worker] : workers_)
        worker.cancel->cancel();
    for (auto& [id, worker] : workers_)
        worker.thread.join();
}

std::string JobTable::add(sd_bus_message* call, const char* kind, const std::string& handle, Task task) {
    const std::string creator = ::sd_bus_message_get_sender(call);
    check_limits(creator);
    const JobId id = next_id_;
    std::string path = path_of(creator, handle.empty() ? "job" + std::to_string(id) : handle);
    // Posted, because a job must not be destroyed while sd-bus calls it.
    const auto cancel_soon = [this, id] { loop_.post([this, id] { cancel(id); }); };
    auto job = std::make_unique<Job>(
        call, path, kind, Job::Callbacks{.cancel_called = cancel_soon, .creator_left = cancel_soon});
    jobs_.emplace(id, Entry{.job = std::move(job), .task = std::move(task)});
    ++next_id_;
    // Also posted: the caller gets the path before any news of the job.
    loop_.post([this] { start_waiting(); });
    return path;
}

void JobTable::check_limits(const std::string& creator) const {
    const auto of_creator =
        std::ranges::count_if(jobs_, [&](const auto& item) { return item.second.job->creator() == creator; });
    if (static_cast<std::size_t>(of_creator) >= max_per_client || jobs_.size() >= max_in_all)
        throw Error(ErrorCode::LimitExceeded, "too many documents are being worked on at once");
}

std::string JobTable::path_of(const std::string& creator, const std::string& handle) const {
    if (handle.size() > max_handle_length || !is_path_element(handle))
        throw Error(ErrorCode::InvalidArgument,
                    "the option \"handle\" has to be at most 64 letters, digits and underscores");
    std::string path = root_path_ + "/job/" + sender_element(creator) + "/" + handle;
    if (std::ranges::any_of(jobs_, [&](const auto& item) { return item.second.job->path() == path; }))
        throw Error(ErrorCode::InvalidArgument, "there is a job with the handle \"" + handle + "\" already");
    return path;
}

void JobTable::start_waiting() {
    for (auto& [id, entry] : jobs_) {
        if (workers_.size() >= max_running)
            return;
        if (entry.task)
            start(id, entry);
    }
}

void JobTable::start(JobId id, Entry& entry) {
    try {
        auto cancel = std::make_unique<client::CancelToken>();
        auto report = [this, id](client::JobStatus status) {
            loop_.post([this, id, status] { on_report(id, status); });
        };
        auto body = [this, id, task = std::exchange(entry.task, nullptr),
                     control = JobControl(*cancel, std::move(report))]() mutable noexcept {
            JobOutcome outcome = run(task, control);
            task = nullptr; // what it holds, descriptors above all, is let go before the creator hears of the
                            // end
            loop_.post([this, id, outcome = std::move(outcome)] { on_worker_done(id, outcome); });
        };
        workers_.emplace(id, Worker{.cancel = std::move(cancel), .thread = std::thread(std::move(body))});
        entry.job->update({.queued = false, .waiting_for = client::JobWait::None, .progress = 0});
    } catch (const std::system_error& error) {
        loop_.post([this, id, reason = std::string(error.what())] {
            finish(id, Error(ErrorCode::LimitExceeded, "cannot start a thread: " + reason));
        });
    }
}

void JobTable::cancel(JobId id) {
    if (const auto worker = workers_.find(id); worker != workers_.end())
        worker->second.cancel->cancel();
    finish(id, Error(ErrorCode::Cancelled, "cancelled"));
}

void JobTable::on_report(JobId id, const client::JobStatus& status) {
    if (const auto entry = jobs_.find(id); entry != jobs_.end())
        entry->second.job->update(status);
}

void JobTable::on_worker_done(JobId id, const JobOutcome& outcome) {
    const auto worker = workers_.extract(id);
    worker.mapped().thread.join(); // returns at once: posting this was the last thing the thread did
    start_waiting();
    finish(id, outcome); // without effect if the job was cancelled meanwhile
}

void JobTable::finish(JobId id, const JobOutcome& outcome) {
    if (const auto entry = jobs_.extract(id))
        entry.mapped().job->finish(outcome);
    if (empty())
        on_empty_();
}

} // namespace digisign::documents
