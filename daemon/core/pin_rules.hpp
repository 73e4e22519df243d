// SPDX-License-Identifier: LGPL-2.1-or-later
// What is worth a warning about a new PIN. Nothing here forbids one: that is the card's business.

#pragma once

#include "common/pin_value.hpp"

namespace digisign::core {

/// Easy to guess: one block repeated (0000, 1212), a run (1234, 8765), a year of somebody's life (1987), a
/// date (311299, 31121999, 19991231).
bool is_trivial(const PinValue& pin);

bool is_same(const PinValue& one, const PinValue& other);

} // namespace digisign::core
