// SPDX-License-Identifier: LGPL-2.1-or-later
// What a script that set a PIN should know about it.

#pragma once

#include "client/pin.hpp"

#include <vector>

namespace digisign::cli {

/// On standard error.
void print_pin_warnings(const std::vector<client::PinWarning>& warnings);

} // namespace digisign::cli
