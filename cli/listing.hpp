// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers, cards and what is on them, as text for people and as JSON for programs.

#pragma once

#include "client/daemon_state.hpp"

#include <chrono>
#include <string>

namespace digisign::cli {

std::string status_text(const client::DaemonState& state);
std::string listing_text(const client::DaemonState& state, std::chrono::sys_seconds now);

/// The format is described in digisignctl(1); it only ever grows.
std::string listing_json(const client::DaemonState& state, std::chrono::sys_seconds now);

/// All there is to say about one certificate.
std::string certificate_text(const client::DaemonState& state, const client::Certificate& certificate,
                             std::chrono::sys_seconds now);

} // namespace digisign::cli
