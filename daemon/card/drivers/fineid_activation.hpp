// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a Finnish citizen card is still as it came by post (FINEID S4-1 v4.2 section 4.6).
//
// Cards issued before 2026-01-13 come with both PINs blocked; the code in the letter is the PUK, and the
// holder resets both. Later ones come with both PINs preset to a code that is good once, for changing them.

#pragma once

#include "daemon/card/description.hpp"

#include <chrono>
#include <span>

namespace digisign::card {

/// `holder_pins` are PIN 1 and PIN 2; `issued` is when the authentication certificate begins.
ActivationState fineid_activation_state(std::span<const PinStatus> holder_pins,
                                        std::chrono::sys_seconds issued);

} // namespace digisign::card
