// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the card that is meant.

#pragma once

#include "client/daemon_state.hpp"

#include <string_view>
#include <vector>

namespace digisign::cli {

/// `reader` is part of a reader's name; empty where only one card is there. Throws Error InvalidArgument, or
/// why there is no card.
const client::Token& choose_token(const client::DaemonState& state, std::string_view reader);

/// As above, of the cards that are not activated yet. Throws Error(NotSupported) if all are.
const client::Token& choose_new_token(const client::DaemonState& state, std::string_view reader);

/// All cards whose reader's name has `reader` in it. Throws Error as above if there is none.
std::vector<const client::Token*> find_tokens(const client::DaemonState& state, std::string_view reader);

} // namespace digisign::cli
