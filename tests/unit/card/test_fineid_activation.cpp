// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/drivers/fineid_activation.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace digisign::card;

namespace {

constexpr std::chrono::sys_seconds before = std::chrono::sys_days(std::chrono::year(2026) / 1 / 12);
constexpr std::chrono::sys_seconds since = std::chrono::sys_days(std::chrono::year(2026) / 1 / 13);

const PinStatus preset{.tries_left = 5, .factory_value = true};
const PinStatus in_use{.tries_left = 5, .factory_value = false};

ActivationState state(const PinStatus& pin1, const PinStatus& pin2, std::chrono::sys_seconds issued) {
    return fineid_activation_state(std::array{pin1, pin2}, issued);
}

} // namespace

TEST_CASE("fineid_activation_state__preset_pins__only_on_cards_issued_with_them") {
    CHECK(state(preset, preset, since) == ActivationState::FactoryPins);
    CHECK(state(in_use, preset, since) == ActivationState::FactoryPins);
    CHECK(state(preset, preset, before) == ActivationState::Active);
    CHECK(state(in_use, in_use, since) == ActivationState::Active);
}

TEST_CASE("fineid_activation_state__blocked_pins__whenever_issued") {
    const PinStatus blocked{.tries_left = 0, .blocked = true, .factory_value = true};
    CHECK(state(blocked, blocked, before) == ActivationState::BlockedPins);
    CHECK(state(blocked, blocked, since) == ActivationState::BlockedPins);
    CHECK(state(in_use, blocked, before) == ActivationState::BlockedPins);
}
