// SPDX-License-Identifier: LGPL-2.1-or-later
// Signature mechanisms as AlgorithmIdentifier of X.509 and CMS.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <openssl/x509.h>

namespace digisign::documents {

/// Whether a key of this kind can sign by this scheme.
bool key_fits_scheme(const EVP_PKEY& key, SignatureScheme scheme);

/// RFC 4055 sections 3 and 5 for RSA, RFC 5758 section 3.2 for ECDSA.
void set_signature_algorithm(X509_ALGOR& algorithm, SignatureMechanism mechanism);

/// What a card answers, as CMS wants it: ECDSA signatures become the SEQUENCE of RFC 3279 section 2.2.3, RSA
/// signatures stay. Throws Error(SignatureInvalid) if the length cannot be right.
Bytes encode_signature_value(ByteView raw_signature, const EVP_PKEY& key, SignatureScheme scheme);

} // namespace digisign::documents
