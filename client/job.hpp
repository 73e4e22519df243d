// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs a method that returns an org.digisign.DigiSign1.Job, to its end.

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/message.hpp"

#include <functional>
#include <string>

namespace digisign::client {

enum class JobWait {
    None,
    Pin,     ///< a person
    PinPad,  ///< a person at the reader's keys
    Consent, ///< a person who has to agree
    Card,
};

struct JobStatus {
    bool queued = false; ///< another job of the same card comes first
    JobWait waiting_for = JobWait::None;
    double progress = -1; ///< 0 to 1; negative where it cannot be told

    bool operator==(const JobStatus&) const = default;
};

struct JobCall {
    const char* service;     ///< bus name
    Message request;         ///< its answer is the object path of a job
    std::string description; ///< "signing contract.pdf": what went wrong when the service is lost
    std::function<void(const JobStatus&)> on_status{}; ///< optional
    CancelToken* cancel = nullptr;                     ///< optional
};

/// Waits for the job without a time limit of its own: it may be a person who is being waited for. Returns the
/// results of a job that is done. Throws the job's Error if it failed, Cancelled, and ServiceUnavailable if
/// the service goes away.
Dictionary run_job(Connection& session, JobCall call);

} // namespace digisign::client
