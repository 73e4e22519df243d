// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/drivers/fineid_activation.hpp"

#include <algorithm>

namespace digisign::card {

namespace {

constexpr std::chrono::sys_days preset_pins_since = std::chrono::year(2026) / 1 / 13;

bool is_blocked(const PinStatus& status) {
    return status.blocked;
}

bool is_unchanged(const PinStatus& status) {
    return status.factory_value == true;
}

bool was_changed(const PinStatus& status) {
    return status.factory_value == false;
}

} // namespace

ActivationState fineid_activation_state(std::span<const PinStatus> holder_pins,
                                        std::chrono::sys_seconds issued) {
    // One PIN activated and the other not is an activation that was broken off, hence "any".
    const bool never_reset = std::ranges::any_of(
        holder_pins, [](const PinStatus& status) { return is_blocked(status) && is_unchanged(status); });
    // A card that does not tell of changes; a single blocked PIN would be its holder's doing.
    const bool all_blocked = !holder_pins.empty() && std::ranges::all_of(holder_pins, is_blocked) &&
                             std::ranges::none_of(holder_pins, was_changed);
    if (never_reset || all_blocked)
        return ActivationState::BlockedPins;
    // On older cards the flag may not follow a reset, so it counts for the cards it was made for.
    const bool preset = std::ranges::any_of(holder_pins, is_unchanged) && issued >= preset_pins_since;
    return preset ? ActivationState::FactoryPins : ActivationState::Active;
}

} // namespace digisign::card
