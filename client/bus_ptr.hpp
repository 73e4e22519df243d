// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners of what sd-bus hands out by reference.

#pragma once

#include <systemd/sd-bus.h>

#include <memory>

namespace digisign::client {

struct BusDeleter {
    void operator()(sd_bus* bus) const noexcept {
        (void)::sd_bus_flush_close_unref(bus);
    } // always returns null
    void operator()(sd_bus_message* message) const noexcept {
        (void)::sd_bus_message_unref(message);
    }                                                                                      // as above
    void operator()(sd_bus_slot* slot) const noexcept { (void)::sd_bus_slot_unref(slot); } // as above
};

using BusPtr = std::unique_ptr<sd_bus, BusDeleter>;
using MessagePtr = std::unique_ptr<sd_bus_message, BusDeleter>;
using SlotPtr = std::unique_ptr<sd_bus_slot, BusDeleter>;

} // namespace digisign::client
