// SPDX-License-Identifier: LGPL-2.1-or-later
// Certificates that a card keeps compressed.

#pragma once

#include "common/bytes.hpp"

#include <cstddef>
#include <optional>

namespace digisign::card {

/// Unpacks gzip (RFC 1952) or zlib (RFC 1950) data. Empty if it is damaged, cut short or unpacks to more than
/// `size_max` bytes.
std::optional<Bytes> decompress(ByteView compressed, std::size_t size_max);

} // namespace digisign::card
