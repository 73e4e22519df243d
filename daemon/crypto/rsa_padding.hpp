// SPDX-License-Identifier: LGPL-2.1-or-later
// The paddings of RFC 8017, put on and taken off here for cards that compute RSA and nothing else.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "common/secure_buffer.hpp"

#include <cstddef>
#include <optional>

namespace digisign::crypto {

/// EMSA-PKCS1-v1_5 (section 9.2) around a DigestInfo or any other data: as long as the modulus. Throws
/// Error(Internal) if it does not fit.
Bytes pad_pkcs1(ByteView data, std::size_t modulus_size);

/// The longest data that does.
std::size_t pkcs1_data_max(std::size_t modulus_size);

/// EMSA-PSS (section 9.1) as SignatureScheme::RsaPss says. Throws Error(Internal) if it does not fit.
Bytes pad_pss(Digest digest, ByteView digest_value, unsigned modulus_bits);

/// Whether pad_pss() has room: a key of 1024 bits is too short for SHA-512.
bool pss_fits(Digest digest, unsigned modulus_bits);

/// The plain text in a block as long as the modulus (section 7.1.2, or 7.2.2); empty for whatever reason
/// there is none. The time it takes does not depend on the block's content.
std::optional<SecureBuffer> unpad(const DecipherMechanism& mechanism, ByteView block);

/// Longest plain text; 0 if there is room for none.
std::size_t plain_text_max(const DecipherMechanism& mechanism, std::size_t modulus_size);

} // namespace digisign::crypto
