// SPDX-License-Identifier: LGPL-2.1-or-later
// The key derivation of ANSI X9.63 section 5.6.3 (SEC 1 section 3.6.1).

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "common/secure_buffer.hpp"

#include <cstddef>

namespace digisign::crypto {

/// Throws Error(InvalidArgument) for a length of 0.
SecureBuffer derive_x963(Digest digest, ByteView shared_secret, ByteView shared_info, std::size_t length);

} // namespace digisign::crypto
