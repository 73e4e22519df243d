// SPDX-License-Identifier: LGPL-2.1-or-later
// PINs for tests.

#pragma once

#include "common/pin_value.hpp"

#include <string_view>

namespace digisign::fakes {

inline PinValue pin_value(std::string_view characters) {
    PinValue pin;
    for (const char character : characters)
        pin.push_back(character);
    return pin;
}

} // namespace digisign::fakes
