// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls of Cryptoki that are answered when a job has ended.

#pragma once

#include "daemon/bus/private_endpoint.hpp"

#include <deque>
#include <functional>

namespace digisign::bus::cryptoki {

/// Who is to give the PINs: the caller did; or else whoever asks for the desktop, null if nobody does.
std::shared_ptr<core::Agent> agent_for(PrivateEndpoint& endpoint, std::deque<PinValue> given);

/// Appends what came of the job to the answer.
using AppendResult = std::function<void(sd_bus_message*, const core::JobResult&)>;

/// Starts the job for the caller.
void start_job(PrivateEndpoint& endpoint, sd_bus_message* message, core::JobRequest request,
               AppendResult append);

} // namespace digisign::bus::cryptoki
