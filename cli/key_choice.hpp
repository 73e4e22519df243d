// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the private key that is meant.

#pragma once

#include "client/daemon_state.hpp"

#include <string_view>

namespace digisign::cli {

/// `selector` is the key's id in hex digits, or names its certificate as for signing; empty where there is
/// only one key. Throws Error KeyNotFound, InvalidArgument if there are several (naming them), or why there
/// is no card.
const client::Key& choose_key(const client::DaemonState& state, std::string_view selector);

} // namespace digisign::cli
