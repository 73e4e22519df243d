// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pin_policy.hpp"

#include "common/error.hpp"

#include <string>

namespace digisign::card {

namespace {

std::string length_rule(const PinDescription& pin) {
    const std::string unit = pin.only_digits ? " digits" : " characters";
    if (pin.min_length == pin.max_length)
        return pin.label + " has " + std::to_string(pin.min_length) + unit;
    return pin.label + " has " + std::to_string(pin.min_length) + " to " + std::to_string(pin.max_length) +
           unit;
}

} // namespace

void check_pin(const PinDescription& pin, const PinValue& value) {
    if (value.length() < pin.min_length || value.length() > pin.max_length)
        throw Error(ErrorCode::PinLengthInvalid, length_rule(pin));
    if (pin.only_digits && !value.only_digits())
        throw Error(ErrorCode::PinCharactersInvalid, pin.label + " consists of digits only");
}

} // namespace digisign::card
