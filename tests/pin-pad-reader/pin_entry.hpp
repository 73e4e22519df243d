// SPDX-License-Identifier: LGPL-2.1-or-later
// What a program asks of the reader's keys, read as strictly as the firmware of a reader does, and the
// command that comes of what is typed.

#pragma once

#include "common/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace digisign::pin_pad_reader {

/// Lengths that do not add up; a driver refuses those before they get to the reader.
class MalformedStructure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A field with a value that the reader cannot obey; it answers 6B80.
class InvalidParameter : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// PC/SC part 10 §2.5.2: what the reader answers instead of the card.
namespace status {
inline constexpr std::uint16_t timed_out = 0x6400;
inline constexpr std::uint16_t cancelled = 0x6401;
inline constexpr std::uint16_t repeated_differently = 0x6402;
inline constexpr std::uint16_t length_not_allowed = 0x6403;
inline constexpr std::uint16_t invalid_parameter = 0x6B80;
} // namespace status

/// What the reader itself can do; GET_TLV_PROPERTIES tells it.
struct PinPadLimits {
    std::uint8_t min_length = 1;
    std::uint8_t max_length = 15;
    std::uint8_t entry_conditions = 0x02; ///< the key that ends the entry
};

struct PinEntry {
    std::chrono::seconds timeout{}; ///< zero: the reader's own
    std::size_t min_length = 0;
    std::size_t max_length = 0;
    std::size_t block_length = 0;     ///< of each value with its filler; zero: as long as what is typed
    Bytes command;                    ///< with the filler in place; only its header where lengths vary
    std::vector<std::size_t> offsets; ///< into the data field, one per value in the order of typing
    bool repeat_last = false;

    std::size_t values_to_type() const { return offsets.size() + (repeat_last ? 1 : 0); }
};

/// Both throw MalformedStructure or InvalidParameter.
PinEntry read_verify_structure(ByteView structure, const PinPadLimits& limits);
PinEntry read_modify_structure(ByteView structure, const PinPadLimits& limits);

/// The command for the card, or what the reader says about the values. There are values_to_type() of them.
std::variant<Bytes, std::uint16_t> complete_command(const PinEntry& entry,
                                                    const std::vector<std::string>& typed);

} // namespace digisign::pin_pad_reader
