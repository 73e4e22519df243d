// SPDX-License-Identifier: LGPL-2.1-or-later
// Cards that give a client nothing to work with.

#pragma once

#include "tests/virtual-card/card.hpp"
#include "tests/virtual-card/personalization.hpp"

#include <memory>

namespace digisign::virtual_card {

/// Neither PINs nor keys.
CardPlan blank_plan(const char* profile);

/// An ATR that no list has, and no application.
std::unique_ptr<Card> make_unknown_card();

/// A PKCS#15 application whose directories are broken in many ways.
std::unique_ptr<Card> make_garbage_card();

/// In the reader, but without an answer to reset that PC/SC could take: SCARD_STATE_MUTE.
std::unique_ptr<Card> make_mute_card();

/// The ATR of a citizen card, and then silence.
std::unique_ptr<Card> make_silent_card();

} // namespace digisign::virtual_card
