// SPDX-License-Identifier: LGPL-2.1-or-later
// The way to digisignd's private socket.

#pragma once

#include "sdbus/handles.hpp"

#include <chrono>
#include <string>

namespace digisign::sdbus {

/// A connection that is not authenticated yet. `timeout` limits the wait for a listener with a full backlog.
/// Throws Error(ServiceUnavailable) if nobody listens, or somebody of another user does: whoever could make
/// the directory before the user's session did must not get a PIN.
BusPtr connect_private_socket(const std::string& path, std::chrono::milliseconds timeout);

} // namespace digisign::sdbus
