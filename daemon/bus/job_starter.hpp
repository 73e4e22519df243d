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
/// `request` holds the work, the card and the PIN; the rest is filled in from the caller and its options.
void start_job(Endpoint& endpoint, sd_bus_message* message, const Options& options, core::JobRequest request);

} // namespace digisign::bus
