// SPDX-License-Identifier: LGPL-2.1-or-later
// What kind of reader the test wants; a file that reader.conf names as the device.

#pragma once

#include "tests/pin-pad-reader/pin_entry.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace digisign::pin_pad_reader {

struct Settings {
    std::uint16_t port = 0;         ///< where the card plugs in
    std::string keypad;             ///< socket of the person at the keys
    std::set<std::string> features; ///< verify, modify, pin-properties, tlv-properties
    PinPadLimits limits;
};

/// Lines of a name and its value: port, keypad, feature (any number of times), min-length, max-length. Throws
/// Error(ConfigurationInvalid).
Settings read_settings(const std::string& path);

} // namespace digisign::pin_pad_reader
