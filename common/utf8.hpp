// SPDX-License-Identifier: LGPL-2.1-or-later
// Text that a stranger wrote (a card, a certificate), made fit to be shown and sent over D-Bus.

#pragma once

#include "common/bytes.hpp"

#include <string>

namespace digisign {

/// The text itself where it is well-formed UTF-8 (Unicode 15 table 3-7) without control characters. Each
/// malformed byte becomes U+FFFD, each control character a space; so does what breaks a line or turns the
/// direction of text.
std::string printable_utf8(ByteView text);

} // namespace digisign
