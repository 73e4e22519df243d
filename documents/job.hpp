// SPDX-License-Identifier: LGPL-2.1-or-later
// One piece of work as its creator sees it: org.digisign.DigiSign1.Job on the bus.

#pragma once

#include "client/job.hpp"
#include "client/message.hpp"
#include "common/error.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <string>
#include <variant>

namespace digisign::documents {

/// What a job came to: the results of Job.Finished, or why there are none (Error(Cancelled) among them).
using JobOutcome = std::variant<client::Dictionary, Error>;

class Job {
public:
    /// Both are called by sd-bus, from where the job cannot be destroyed.
    struct Callbacks {
        std::function<void()> cancel_called; ///< by the creator
        std::function<void()> creator_left;  ///< its connection to the bus is closed
    };

    /// Appears on the bus at `path`. `call` is the creator's method call. Throws Error(Internal).
    Job(sd_bus_message* call, std::string path, const char* kind, Callbacks callbacks);

    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    const std::string& path() const { return path_; }
    const std::string& creator() const { return creator_; } ///< unique name

    /// Announces what differs from the status before.
    void update(const client::JobStatus& status);

    /// Tells the creator how it ended.
    void finish(const JobOutcome& outcome);

private:
    friend struct JobVtable;

    static int on_creator_left(sd_bus_track* track, void* userdata) noexcept;
    void emit_changed(const char* property);

    sd_bus* bus_;
    std::string path_;
    std::string creator_;
    const char* kind_;
    Callbacks callbacks_;
    client::JobStatus status_{.queued = true, .waiting_for = client::JobWait::None, .progress = 0};
    bool finished_ = false;
    sdbus::SlotPtr slot_;
    sdbus::TrackPtr track_;
};

} // namespace digisign::documents
