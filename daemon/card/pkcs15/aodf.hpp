// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.AOD, the PINs (ISO 7816-15 section 8.9).

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/pkcs15/object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

enum class PasswordType { Bcd = 0, AsciiNumeric = 1, Utf8 = 2, HalfNibbleBcd = 3, Iso9564 = 4 };

/// PasswordFlags, those that matter here.
struct PasswordFlags {
    bool change_disabled = false;
    bool unblock_disabled = false;
    bool needs_padding = false;
    bool unblocking_password = false;
    bool so_password = false;
};

struct PinObject {
    CommonAttributes common;
    Bytes auth_id;
    PasswordFlags flags;
    PasswordType type = PasswordType::AsciiNumeric;
    std::size_t min_length = 0;
    std::size_t stored_length = 0;
    std::size_t max_length = 0;
    std::uint8_t reference = 0;
    std::optional<std::uint8_t> pad_char;
};

/// Biometric templates and authentication keys are left out.
std::vector<PinObject> parse_aodf(ByteView content, std::vector<std::string>& warnings);

} // namespace digisign::card::pkcs15
