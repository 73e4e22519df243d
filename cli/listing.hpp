// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers, cards and what is on them, as text for people and as JSON for programs. The formats of JSON are
// described in digisignctl(1); they only ever grow.

#pragma once

#include "client/daemon_state.hpp"
#include "client/logins.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace digisign::cli {

using Tokens = std::vector<const client::Token*>;

std::string status_text(const client::DaemonState& state);

std::string listing_text(const client::DaemonState& state, std::chrono::sys_seconds now);
std::string listing_json(const client::DaemonState& state, std::chrono::sys_seconds now);

std::string pin_listing_text(const client::DaemonState& state, const Tokens& tokens);
std::string pin_listing_json(const client::DaemonState& state, const Tokens& tokens);

std::string key_listing_text(const client::DaemonState& state, const Tokens& tokens);
std::string key_listing_json(const client::DaemonState& state, const Tokens& tokens);

std::string login_listing_text(const client::DaemonState& state, const std::vector<client::Login>& logins);
std::string login_listing_json(const client::DaemonState& state, const std::vector<client::Login>& logins);

/// All there is to say about one certificate.
std::string certificate_text(const client::DaemonState& state, const client::Certificate& certificate,
                             std::chrono::sys_seconds now);

} // namespace digisign::cli
