// SPDX-License-Identifier: LGPL-2.1-or-later
// AES in the mode that encrypted PDF documents use.

#pragma once

#include "common/bytes.hpp"

namespace digisign::documents {

/// AES-CBC with PKCS #7 padding under a key of 16 or 32 bytes; the random initialization vector comes first.
Bytes aes_cbc_encrypt(ByteView key, ByteView plain);

} // namespace digisign::documents
