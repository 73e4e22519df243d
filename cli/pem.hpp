// SPDX-License-Identifier: LGPL-2.1-or-later
// Textual encoding of certificates, RFC 7468.

#pragma once

#include "common/bytes.hpp"

#include <string>

namespace digisign::cli {

/// "-----BEGIN CERTIFICATE-----" and so on.
std::string to_pem(ByteView certificate);

} // namespace digisign::cli
