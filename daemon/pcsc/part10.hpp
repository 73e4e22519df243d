// SPDX-License-Identifier: LGPL-2.1-or-later
// The data of PC/SC part 10, "IFDs with Secure PIN Entry Capabilities" (v2.02.09), to and from bytes. The
// structures are those of pcsc-lite's reader.h.

#pragma once

#include "common/bytes.hpp"
#include "daemon/iso7816/pin_pad_command.hpp"

#include <cstdint>
#include <optional>

namespace digisign::pcsc::part10 {

/// Control codes of what a reader can do; each driver has its own.
struct Features {
    std::optional<std::uint32_t> verify_pin_direct{};
    std::optional<std::uint32_t> modify_pin_direct{};
    std::optional<std::uint32_t> ifd_pin_properties{};
    std::optional<std::uint32_t> get_tlv_properties{};
};

/// The answer to GET_FEATURE_REQUEST, section 2.2.
Features parse_features(ByteView list);

/// What a reader tells of its keys and display; empty where it tells nothing.
struct Properties {
    std::optional<bool> has_display{};
    std::optional<std::uint8_t> entry_conditions{}; ///< bEntryValidationCondition: bits
    std::optional<bool> has_second_timeout{};
    std::optional<std::uint8_t> min_pin_size{};
    std::optional<std::uint8_t> max_pin_size{};
};

/// PIN_PROPERTIES_STRUCTURE, the answer to FEATURE_IFD_PIN_PROPERTIES (section 2.5.5).
Properties parse_pin_properties(ByteView structure);

/// The answer to FEATURE_GET_TLV_PROPERTIES (section 2.6.14).
Properties parse_tlv_properties(ByteView list);

/// Throws Error(NotSupported) with the reason where a reader with these properties cannot ask for such a PIN.
void check(const iso7816::PinPadCommand& command, const Properties& properties);

/// PIN_VERIFY_STRUCTURE or PIN_MODIFY_STRUCTURE (sections 2.5.2 and 2.5.3), as the command needs. Whoever
/// calls this has called check().
Bytes encode(const iso7816::PinPadCommand& command, const Properties& properties);

} // namespace digisign::pcsc::part10
