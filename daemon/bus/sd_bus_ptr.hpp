// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners for the handles of sd-bus and sd-event, and the translation of their negative errno.

#pragma once

#include "common/error.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <memory>
#include <string_view>

namespace digisign::bus {

template <auto release>
struct Releaser {
    template <typename Handle>
    void operator()(Handle* handle) const {
        (void)release(handle); // the unref functions return null
    }
};

using BusPtr = std::unique_ptr<sd_bus, Releaser<sd_bus_close_unref>>;
/// A further reference to a connection whose owner closes it.
using BusRef = std::unique_ptr<sd_bus, Releaser<sd_bus_unref>>;
using MessagePtr = std::unique_ptr<sd_bus_message, Releaser<sd_bus_message_unref>>;
using SlotPtr = std::unique_ptr<sd_bus_slot, Releaser<sd_bus_slot_unref>>;
using TrackPtr = std::unique_ptr<sd_bus_track, Releaser<sd_bus_track_unref>>;
using EventPtr = std::unique_ptr<sd_event, Releaser<sd_event_unref>>;
using EventSourcePtr = std::unique_ptr<sd_event_source, Releaser<sd_event_source_disable_unref>>;

/// Throws for a negative errno as sd-bus returns it; otherwise returns the value.
inline int check(int result, std::string_view doing_what) {
    if (result < 0)
        throw error_from_errno(-result, doing_what);
    return result;
}

} // namespace digisign::bus
