// SPDX-License-Identifier: LGPL-2.1-or-later
// What all methods that return a Job have in common.

#pragma once

#include "daemon/bus/endpoint.hpp"
#include "daemon/bus/message.hpp"

#include <initializer_list>

namespace digisign::bus {

/// The options that every such method knows, and those of its own.
Options read_job_options(sd_bus_message* message, std::initializer_list<Options::Known> own = {});

/// Creates the job, answers the call with its path, and starts it once the caller is identified.
/// `request` holds the work and the card; the rest is filled in from the caller and its options. `may_ask`:
/// the work is sure to need an agent, so that a caller without one is told at once (Error(AgentUnavailable)).
void start_job(Endpoint& endpoint, sd_bus_message* message, const Options& options, core::JobRequest request,
               bool may_ask);

} // namespace digisign::bus
