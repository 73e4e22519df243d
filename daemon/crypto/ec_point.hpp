// SPDX-License-Identifier: LGPL-2.1-or-later
// Elliptic curves and their points as bytes.

#pragma once

#include "common/bytes.hpp"

#include <string>

namespace digisign::crypto {

/// A curve by the name that PublicKey::curve() gives, as DER of its OBJECT IDENTIFIER (the namedCurve of RFC
/// 5480 section 2.1.1). Empty for a curve that has none.
Bytes encode_curve(const std::string& curve);

/// A point as PKCS#11 has it: DER of an OCTET STRING with it.
Bytes encode_point(ByteView point);

/// An uncompressed point (04‖X‖Y, SEC 1 section 2.3.3) of the curve. A card that multiplies its key with any
/// other point may tell the key (invalid-curve attack).
bool is_point_of(const std::string& curve, ByteView point);

} // namespace digisign::crypto
