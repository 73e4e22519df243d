// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers with keys of their own (PC/SC part 10).

#pragma once

#include "daemon/pcsc/context.hpp"

namespace digisign::pcsc {

/// What the reader's keys can be used for; nothing, where it cannot be asked now.
core::PinPad find_pin_pad(Context& context, const core::ReaderName& reader);

} // namespace digisign::pcsc
