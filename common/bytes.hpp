// SPDX-License-Identifier: LGPL-2.1-or-later
// Byte strings and their hexadecimal form.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace digisign {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Upper-case hexadecimal digits without separators.
std::string to_hex(ByteView bytes);

/// Reads pairs of hexadecimal digits; blanks between pairs are skipped. Empty for anything else.
std::optional<Bytes> from_hex(std::string_view text);

Bytes to_bytes(ByteView view);
Bytes to_bytes(std::string_view text);
ByteView as_bytes(std::string_view text);
std::string to_string(ByteView bytes);

void append(Bytes& target, ByteView tail);

} // namespace digisign
