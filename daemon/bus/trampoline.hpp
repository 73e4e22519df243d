// SPDX-License-Identifier: LGPL-2.1-or-later
// From sd-bus' C callbacks to functions of ours, and from exceptions back to D-Bus errors: the one place on
// the bus side where an exception stops.

#pragma once

#include "daemon/bus/message.hpp"

namespace digisign::bus {

/// The object that the vtable was registered with, as opposed to the one that a find callback returned.
template <typename Context>
Context& registered_context(sd_bus* bus) {
    return *static_cast<Context*>(sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus)));
}

/// A property read by `get`, a function from the object to any type of append_value().
template <typename Object, auto get>
int property_getter(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                    sd_bus_error* error) noexcept {
    try {
        append_value(reply, get(*static_cast<const Object*>(userdata)));
        return 0;
    } catch (...) {
        return sdbus::set_error_from_exception(error);
    }
}

/// A method handled by `handle(context, object, message)`, which replies itself.
template <typename Context, typename Object, auto handle>
int method_handler(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept {
    try {
        handle(registered_context<Context>(sd_bus_message_get_bus(message)), *static_cast<Object*>(userdata),
               message);
        return 1;
    } catch (...) {
        return sdbus::set_error_from_exception(error);
    }
}

} // namespace digisign::bus
