// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs of PINs: org.digisign.DigiSign1.Pin. Each has the agent asked for what it needs, and blocks until it
// is done or `cancel` says so (then throws Cancelled).

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/job.hpp"
#include "client/request_options.hpp"

#include <functional>
#include <string>
#include <vector>

namespace digisign::client {

/// What somebody should know about a new PIN whom the service could not ask about it.
enum class PinWarning { Trivial, Same };

/// Those in the results of a job that gave PINs new values.
std::vector<PinWarning> pin_warnings(const Dictionary& results);

/// Returns if the PIN at `pin_path` was right.
void verify_pin(Connection& session, const std::string& pin_path, const RequestOptions& options,
                std::function<void(const JobStatus&)> on_status = {}, CancelToken* cancel = nullptr);

/// The PIN stays verified for what this connection does.
void log_in(Connection& session, const std::string& pin_path, const RequestOptions& options,
            std::function<void(const JobStatus&)> on_status = {}, CancelToken* cancel = nullptr);

/// With the old value.
std::vector<PinWarning> change_pin(Connection& session, const std::string& pin_path,
                                   const RequestOptions& options,
                                   std::function<void(const JobStatus&)> on_status = {},
                                   CancelToken* cancel = nullptr);

/// With the PUK.
std::vector<PinWarning> unblock_pin(Connection& session, const std::string& pin_path,
                                    const RequestOptions& options,
                                    std::function<void(const JobStatus&)> on_status = {},
                                    CancelToken* cancel = nullptr);

} // namespace digisign::client
