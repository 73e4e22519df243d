// SPDX-License-Identifier: LGPL-2.1-or-later
// The kinds of cards there are, by name.

#pragma once

#include "tests/virtual-card/card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/state.hpp"

#include <memory>
#include <string>
#include <vector>

namespace digisign::virtual_card {

std::vector<std::string> profile_names();

/// Both throw Error(InvalidArgument) for a name not in profile_names().
CardPlan card_plan(const std::string& name);
/// The card made from a state of that profile; it keeps using the store.
std::unique_ptr<Card> make_card(const std::string& name, StateStore& store);

} // namespace digisign::virtual_card
