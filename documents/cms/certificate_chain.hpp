// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads certificates and puts those of the authorities in order.

#pragma once

#include "common/bytes.hpp"
#include "documents/cms/openssl_ptr.hpp"

#include <span>
#include <vector>

namespace digisign::documents {

/// Throws Error(CertificateNotFound).
X509Ptr parse_certificate(ByteView der);

/// The authorities from the issuer of `certificate` upwards, as far as `candidates` (DER) lead; neither a
/// self-signed root nor a candidate that is no certificate is among them.
std::vector<X509Ptr> issuers_below_root(X509& certificate, std::span<const Bytes> candidates);

} // namespace digisign::documents
