// SPDX-License-Identifier: LGPL-2.1-or-later
// Our names of digests and OpenSSL's.

#pragma once

#include "common/mechanism.hpp"

#include <openssl/evp.h>

#include <optional>

namespace digisign::documents {

/// Throws Error(InvalidArgument) for Digest::None.
const EVP_MD* openssl_digest(Digest digest);

std::optional<Digest> digest_from_nid(int nid);

} // namespace digisign::documents
