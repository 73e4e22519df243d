// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the PIN that is meant.

#pragma once

#include "client/daemon_state.hpp"

#include <string_view>

namespace digisign::cli {

/// `which` is a reference in hex digits or a role; empty means the authentication PIN, or the only one there
/// is. `reader` is as in choose_token(). Throws Error InvalidArgument, or why there is no card.
const client::Pin& choose_pin(const client::DaemonState& state, std::string_view which,
                              std::string_view reader);

/// As above, but empty means the only one that is locked.
const client::Pin& choose_locked_pin(const client::DaemonState& state, std::string_view which,
                                     std::string_view reader);

} // namespace digisign::cli
