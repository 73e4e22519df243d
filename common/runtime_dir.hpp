// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the private socket, the cache of public data and the user's configuration live.

#pragma once

#include <string>

namespace digisign {

/// $XDG_RUNTIME_DIR, or /run/user/UID where the variable is missing (some SSH logins). No slash at the end.
std::string user_runtime_dir();

/// <runtime directory>/digisign/private.
std::string private_socket_path();

/// $XDG_CACHE_HOME/digisign or ~/.cache/digisign; empty when neither variable is set.
std::string user_cache_dir();

/// $XDG_CONFIG_HOME/digisign or ~/.config/digisign; empty when neither variable is set.
std::string user_config_dir();

} // namespace digisign
