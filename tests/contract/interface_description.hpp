// SPDX-License-Identifier: LGPL-2.1-or-later
// A D-Bus interface in one form, whether it was read from its XML or from the vtable that serves it.

#pragma once

#include <systemd/sd-bus.h>

#include <set>
#include <string>

namespace digisign::test {

/// One line per member, such as
///     "method Sign(s mechanism, ay data, a{sv} options) → (o job)"
///     "signal Finished(s outcome, a{sv} results)"
///     "property State s, read, changes: true"
using InterfaceDescription = std::set<std::string>;

/// Throws std::runtime_error if the file cannot be read or holds no such interface.
InterfaceDescription describe_xml(const std::string& path, const std::string& interface);

/// Throws std::runtime_error if a member's names do not fit its signature.
InterfaceDescription describe_vtable(const sd_bus_vtable* vtable);

} // namespace digisign::test
