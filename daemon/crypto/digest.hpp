// SPDX-License-Identifier: LGPL-2.1-or-later
// Digests of FIPS 180-4 and the DigestInfo that names them inside an RSA signature.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <optional>

namespace digisign::crypto {

/// Throws Error(Internal) for Digest::None.
Bytes digest_of(Digest digest, ByteView data);

struct DigestInfo {
    Digest digest;
    Bytes value;
};

/// DigestInfo of RFC 8017 section 9.2, DER.
Bytes encode_digest_info(Digest digest, ByteView value);

/// Empty for anything but the DigestInfo of a digest known here, in DER.
std::optional<DigestInfo> parse_digest_info(ByteView der);

} // namespace digisign::crypto
