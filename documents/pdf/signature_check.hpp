// SPDX-License-Identifier: LGPL-2.1-or-later
// Looks at a signature in a file that was just written, as a program would that did not write it.

#pragma once

#include "common/bytes.hpp"

#include <string>

namespace digisign::documents {

/// Checks that the field's signature covers the whole file and was made with the certificate's key; returns
/// the digest of what it covers. Throws Error(SignatureInvalid).
Bytes check_written_signature(int fd, const std::string& field_name, ByteView signer_certificate,
                              const std::string& password);

} // namespace digisign::documents
