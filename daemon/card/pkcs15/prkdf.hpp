// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.PrKD, the private keys (ISO 7816-15 section 8.4).

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/description.hpp"
#include "daemon/card/pkcs15/object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

struct PrivateKeyObject {
    CommonAttributes common;
    Bytes id;
    KeyUsage usage;
    std::optional<std::uint8_t> reference;
    /// Of AlgorithmInfo::reference in TokenInfo.
    std::vector<std::int64_t> algorithm_references;
    KeyAlgorithm algorithm = KeyAlgorithm::Rsa;
    std::optional<Path> path;
    /// Modulus length or field size; 0 where the card does not say.
    unsigned bits = 0;
};

/// RSA and EC keys; others are left out.
std::vector<PrivateKeyObject> parse_prkdf(ByteView content, std::vector<std::string>& warnings);

/// KeyUsageFlags, the same for public keys.
KeyUsage parse_key_usage(ByteView bit_string);

} // namespace digisign::card::pkcs15
