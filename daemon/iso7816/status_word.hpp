// SPDX-License-Identifier: LGPL-2.1-or-later
// The two status bytes that end every answer of a card (ISO 7816-4 section 5.6).

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace digisign::iso7816 {

struct StatusWord {
    std::uint16_t value = 0;

    std::uint8_t sw1() const { return static_cast<std::uint8_t>(value >> 8); }
    std::uint8_t sw2() const { return static_cast<std::uint8_t>(value & 0xFF); }
    bool is_success() const { return value == 0x9000; }

    /// Tries left, of 63Cx; empty for every other word.
    std::optional<unsigned> tries_left() const;

    auto operator<=>(const StatusWord&) const = default;
};

namespace sw {
inline constexpr StatusWord success{0x9000};
inline constexpr StatusWord end_of_file{0x6282};
inline constexpr StatusWord verification_failed{0x6300};
inline constexpr StatusWord wrong_length{0x6700};
inline constexpr StatusWord security_status_not_satisfied{0x6982};
inline constexpr StatusWord authentication_method_blocked{0x6983};
inline constexpr StatusWord reference_data_not_usable{0x6984};
inline constexpr StatusWord command_not_allowed{0x6986};
inline constexpr StatusWord incorrect_data{0x6A80};
inline constexpr StatusWord file_not_found{0x6A82};
inline constexpr StatusWord wrong_p1_p2{0x6A86};
inline constexpr StatusWord reference_data_not_found{0x6A88};
inline constexpr StatusWord offset_outside_file{0x6B00};
inline constexpr StatusWord unknown_instruction{0x6D00};
inline constexpr StatusWord unknown_class{0x6E00};
inline constexpr StatusWord no_precise_diagnosis{0x6F00};

// A reader's own words, in the place of the card's (PC/SC part 10 section 2.5.2).
inline constexpr StatusWord pin_pad_timed_out{0x6400};
inline constexpr StatusWord pin_pad_cancelled{0x6401};
inline constexpr StatusWord pin_pad_new_pin_differs{0x6402};
inline constexpr StatusWord pin_pad_length{0x6403};
inline constexpr StatusWord pin_pad_parameter{0x6B80};
} // namespace sw

/// "6A82 (file not found)", for messages.
std::string describe(StatusWord status);

} // namespace digisign::iso7816
