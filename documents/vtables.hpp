// SPDX-License-Identifier: LGPL-2.1-or-later
// The vtables of the service's interfaces. The contract test compares them with dbus-interfaces/*.xml.

#pragma once

#include <systemd/sd-bus.h>

namespace digisign::documents {

extern const sd_bus_vtable documents_vtable[];
extern const sd_bus_vtable job_vtable[];

} // namespace digisign::documents
