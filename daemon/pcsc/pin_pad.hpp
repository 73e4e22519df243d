// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers with keys of their own (PC/SC part 10).

#pragma once

#include "daemon/pcsc/context.hpp"

namespace digisign::pcsc {

/// Whether the reader can take a PIN on its own keypad. False, too, where it cannot be asked now.
bool has_pin_pad(Context& context, const core::ReaderName& reader);

} // namespace digisign::pcsc
