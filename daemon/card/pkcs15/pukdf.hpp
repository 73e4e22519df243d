// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.PuKD, the public keys (ISO 7816-15 section 8.5). Of use for keys that have no certificate: it tells
// their size, and often the keys themselves.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/description.hpp"
#include "daemon/card/pkcs15/object.hpp"

#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

struct PublicKeyObject {
    Bytes id;
    KeyAlgorithm algorithm = KeyAlgorithm::Rsa;
    /// Modulus length or field size; 0 where neither the directory nor the key in it says.
    unsigned bits = 0;
    std::string curve;
    Bytes spki; ///< SubjectPublicKeyInfo, where the directory holds it
};

/// RSA and EC keys; others are left out.
std::vector<PublicKeyObject> parse_pukdf(ByteView content, std::vector<std::string>& warnings);

} // namespace digisign::card::pkcs15
