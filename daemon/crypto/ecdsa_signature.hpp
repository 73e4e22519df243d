// SPDX-License-Identifier: LGPL-2.1-or-later
// The two forms of an ECDSA signature: r‖s (PKCS#11, FINEID cards) and DER (X9.62; MyEID, CMS, TLS).

#pragma once

#include "common/bytes.hpp"

#include <cstddef>
#include <optional>

namespace digisign::crypto {

/// SEQUENCE { INTEGER r, INTEGER s } to r‖s, each `field_size` bytes. Empty for anything else.
std::optional<Bytes> ecdsa_der_to_raw(ByteView der, std::size_t field_size);

/// r‖s, two halves of the same length, to DER. Empty for an odd or zero length.
std::optional<Bytes> ecdsa_raw_to_der(ByteView raw);

} // namespace digisign::crypto
