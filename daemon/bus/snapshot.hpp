// SPDX-License-Identifier: LGPL-2.1-or-later
// What the PKCS#11 module is told of slots and objects, see Cryptoki.GetSnapshot.

#pragma once

#include "daemon/bus/message.hpp"
#include "daemon/core/slot_table.hpp"

namespace digisign::bus {

/// Appends generation, slots and objects. `default_agent`: somebody can be asked for PINs.
void append_snapshot(sd_bus_message* message, const core::SlotTable& slots, bool default_agent,
                     bool pin_pads);

} // namespace digisign::bus
