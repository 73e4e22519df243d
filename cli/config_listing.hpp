// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings in force, as text for people and as JSON for programs.

#pragma once

#include "configuration/configuration.hpp"

#include <string>
#include <string_view>

namespace digisign::cli {

/// "login.idle-limit = 15min" per key, with the origin as a comment if it is wanted: a configuration file's
/// own form, but for the sections.
std::string config_text(const configuration::Configuration& configuration, bool with_origin);

/// The value alone of the key of that name ("login.idle-limit"), with the origin behind it if it is wanted.
/// Throws Error(ConfigurationInvalid) if there is no such key.
std::string config_value_text(const configuration::Configuration& configuration, std::string_view name,
                              bool with_origin);

/// The format is described in digisignctl(1); it only ever grows. `name` restricts it to one key, as above;
/// empty means all.
std::string config_json(const configuration::Configuration& configuration, std::string_view name);

} // namespace digisign::cli
