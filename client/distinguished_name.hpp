// SPDX-License-Identifier: LGPL-2.1-or-later
// Distinguished names in the string form of RFC 4514.

#pragma once

#include <string>
#include <string_view>

namespace digisign::client {

/// The first common name (CN), without escapes; the whole name where it has none.
std::string common_name(std::string_view distinguished_name);

} // namespace digisign::client
