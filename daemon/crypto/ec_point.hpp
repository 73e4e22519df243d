// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether bytes are a point of a curve.

#pragma once

#include "common/bytes.hpp"

#include <string>

namespace digisign::crypto {

/// An uncompressed point (04‖X‖Y, SEC 1 section 2.3.3) of the curve with the name that PublicKey::curve()
/// gives. A card that multiplies its key with any other point may tell the key (invalid-curve attack).
bool is_point_of(const std::string& curve, ByteView point);

} // namespace digisign::crypto
