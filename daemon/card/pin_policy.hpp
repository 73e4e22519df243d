// SPDX-License-Identifier: LGPL-2.1-or-later
// Rules a PIN must keep before it may cost a try.

#pragma once

#include "common/pin_value.hpp"
#include "daemon/card/description.hpp"

namespace digisign::card {

/// Throws Error(PinLengthInvalid) or Error(PinCharactersInvalid), with a sentence that says the rule and
/// nothing about the value.
void check_pin(const PinDescription& pin, const PinValue& value);

} // namespace digisign::card
