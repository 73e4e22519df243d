// SPDX-License-Identifier: LGPL-2.1-or-later
// All jobs of the service: who may have how many, which one runs, and the worker threads that run them.

#pragma once

#include "client/cancel_token.hpp"
#include "documents/job.hpp"
#include "sdbus/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace digisign::documents {

/// What a worker thread is given besides its task. Used on that thread alone.
class JobControl {
public:
    using Report = std::function<void(client::JobStatus)>;

    JobControl(client::CancelToken& cancel, Report report) : cancel_(cancel), report_(std::move(report)) {}

    client::CancelToken& cancel_token() { return cancel_; }
    void throw_if_cancelled() const;
    void report(client::JobStatus status) const { report_(status); }

private:
    client::CancelToken& cancel_;
    Report report_;
};

class JobTable {
public:
    /// Runs on a worker thread; returns the results or throws Error.
    using Task = std::function<client::Dictionary(JobControl&)>;

    /// `on_empty` is called when the last job and its thread are gone. Loop and bus outlive the table.
    JobTable(sdbus::EventLoop& loop, std::string root_path, std::function<void()> on_empty);

    /// Cancels everything and waits for the threads.
    ~JobTable();

    JobTable(const JobTable&) = delete;
    JobTable& operator=(const JobTable&) = delete;

    /// Starts a job as soon as there is room. `call` is the method call that asks for it, `handle` the last
    /// element wished for the path, or empty. Returns the path. Throws Error: LimitExceeded, InvalidArgument
    /// (the handle).
    std::string add(sd_bus_message* call, const char* kind, const std::string& handle, Task task);

    bool empty() const { return jobs_.empty() && workers_.empty(); }

private:
    using JobId = std::uint64_t; ///< ordered by age

    /// A job until its creator was told the end.
    struct Entry {
        std::unique_ptr<Job> job;
        Task task; ///< empty once it runs
    };

    /// A thread until it has ended, which after a cancellation is later than that.
    struct Worker {
        std::unique_ptr<client::CancelToken> cancel;
        std::thread thread;
    };

    void check_limits(const std::string& creator) const;
    std::string path_of(const std::string& creator, const std::string& handle) const;
    void start_waiting();
    void start(JobId id, Entry& entry);
    void cancel(JobId id);
    void on_report(JobId id, const client::JobStatus& status);
    void on_worker_done(JobId id, const JobOutcome& outcome);
    void finish(JobId id, const JobOutcome& outcome);

    sdbus::EventLoop& loop_;
    std::string root_path_;
    std::function<void()> on_empty_;
    JobId next_id_ = 1;
    std::map<JobId, Entry> jobs_;
    std::map<JobId, Worker> workers_;
};

} // namespace digisign::documents
