// SPDX-License-Identifier: LGPL-2.1-or-later
// Random numbers that nobody can guess.

#pragma once

#include "common/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace digisign::crypto {

/// Both throw Error(Internal) if there are none.
void fill_random(std::span<std::uint8_t> bytes);
Bytes random_bytes(std::size_t count);

} // namespace digisign::crypto
