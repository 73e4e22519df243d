// SPDX-License-Identifier: LGPL-2.1-or-later
// What the card factory does: PINs in their first state, keys, and certificates for a TEST holder.

#pragma once

#include "tests/virtual-card/certificates.hpp"
#include "tests/virtual-card/state.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::virtual_card {

/// How a citizen card comes by post. Cards issued before 2026-01-13 have blocked PINs and the code in the
/// letter is the PUK; later ones have both PINs preset to one code that works once, for changing them.
enum class Activation { Active, BlockedPins, FactoryPins };

std::optional<Activation> activation_from_name(std::string_view name);

enum class KeyType { Rsa2048, P256, P384 };

struct KeyPlan {
    std::string name; ///< of the key and of its certificate in the state
    KeyType type;
    Purpose purpose;
};

struct PinPlan {
    std::string role;
    unsigned tries;
    std::string value{}; ///< where the default for the role is too short for this card
};

/// What a card of one profile holds.
struct CardPlan {
    std::string profile;
    std::string serial_number;
    KeyType authority_type = KeyType::P384;
    std::vector<KeyPlan> keys;
    std::vector<PinPlan> pins;
    bool can_be_inactive = false;
};

/// Values by name: "pin1", "pin2", "puk", "puk2", "activation-code". Lines `name value`; throws Error for
/// anything else.
std::map<std::string, std::string> parse_pin_values(std::string_view text);

struct PersonalizationOptions {
    std::map<std::string, std::string> pin_values; ///< what is missing gets the default
    Activation activation = Activation::Active;
    Validity validity = Validity::Valid;
};

/// Throws Error(InvalidArgument) where the plan cannot be in that activation state.
CardState personalize(const CardPlan& plan, const PersonalizationOptions& options);

/// Issues the holder's certificates anew, for the same keys and by the same authority.
void renew_certificates(CardState& state, const CardPlan& plan, Validity validity);

/// Holder's name and number; the same on every virtual card.
const Holder& test_holder();

} // namespace digisign::virtual_card
