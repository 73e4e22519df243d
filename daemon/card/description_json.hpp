// SPDX-License-Identifier: LGPL-2.1-or-later
// The form a CardDescription has in the cache.

#pragma once

#include "daemon/card/description.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace digisign::card {

std::string to_json(const CardDescription& description);

/// Empty unless every field is there, of the right type and within its range. Knows no fields beyond those
/// that to_json() writes.
std::optional<CardDescription> description_from_json(std::string_view text);

} // namespace digisign::card
