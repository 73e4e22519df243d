// SPDX-License-Identifier: LGPL-2.1-or-later
// The vtables of the daemon's interfaces. The contract test compares them with dbus-interfaces/*.xml.

#pragma once

#include <systemd/sd-bus.h>

namespace digisign::bus {

extern const sd_bus_vtable manager_vtable[];
extern const sd_bus_vtable reader_vtable[];
extern const sd_bus_vtable token_vtable[];
extern const sd_bus_vtable pin_vtable[];
extern const sd_bus_vtable key_vtable[];
extern const sd_bus_vtable certificate_vtable[];
extern const sd_bus_vtable job_vtable[];
/// On the private socket only.
extern const sd_bus_vtable agent_manager_vtable[];
extern const sd_bus_vtable cryptoki_vtable[];

} // namespace digisign::bus
