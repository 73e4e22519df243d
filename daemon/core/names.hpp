// SPDX-License-Identifier: LGPL-2.1-or-later
// Enumerations of the daemon as they are written on D-Bus; the meanings are in dbus-interfaces/*.xml.

#pragma once

#include "daemon/card/description.hpp"
#include "daemon/core/agent.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/core/token.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace digisign::core {

std::string_view name_of(PcscState state);
std::string_view name_of(ReaderState state);
std::string_view name_of(card::PinRole role);
std::string_view name_of(card::KeyAlgorithm algorithm);
std::string_view name_of(Job::State state);
std::string_view name_of(WaitingFor what);
std::string_view name_of(JobOutcome::Kind kind);
std::string_view name_of(Question question);
std::string_view name_of(Prompt::Problem problem);

/// Token.State and Pin.State.
std::string_view state_name(const Token& token);
std::string_view state_name(const Pin& pin);

std::vector<std::string_view> usage_names(const card::KeyUsage& usage);

} // namespace digisign::core
