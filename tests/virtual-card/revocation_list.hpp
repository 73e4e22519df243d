// SPDX-License-Identifier: LGPL-2.1-or-later
// What the TEST authorities would publish at the certificates' CRL pointers.

#pragma once

#include "tests/virtual-card/certificates.hpp"

namespace digisign::virtual_card {

/// A list on which no certificate is, good for 30 days; DER.
Bytes issue_revocation_list(const Authority& authority, std::chrono::sys_seconds now);

} // namespace digisign::virtual_card
