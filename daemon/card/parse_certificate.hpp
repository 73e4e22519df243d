// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading a certificate of which the card may do without.

#pragma once

#include "daemon/crypto/certificate.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::card {

/// Empty, and a warning that starts with `name`, if it cannot be read.
std::optional<crypto::Certificate> parse_certificate(ByteView content, const std::string& name,
                                                     std::vector<std::string>& warnings);

} // namespace digisign::card
