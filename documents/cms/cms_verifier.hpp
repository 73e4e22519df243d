// SPDX-License-Identifier: LGPL-2.1-or-later
// Checks a detached CMS signature against the digest of its content.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

namespace digisign::documents {

/// The digest algorithm the only signer of `message` names. Throws Error(SignatureInvalid) if there is no
/// such thing.
Digest cms_digest_algorithm(ByteView message);

/// Checks that `signer_certificate` made `message` (DER; zeros after it, as PDF pads it, are ignored) over
/// content with this digest. Whether the certificate is to be trusted is another question. Throws
/// Error(SignatureInvalid).
void verify_detached_cms(ByteView message, ByteView content_digest, ByteView signer_certificate);

} // namespace digisign::documents
