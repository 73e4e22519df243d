// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.CD, the certificates (ISO 7816-15 section 8.7).

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/pkcs15/object.hpp"

#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

struct CertificateObject {
    CommonAttributes common;
    Bytes id;
    bool authority = false;
    ObjectValue value;
};

/// X.509 certificates; others are left out.
std::vector<CertificateObject> parse_cdf(ByteView content, std::vector<std::string>& warnings);

} // namespace digisign::card::pkcs15
