// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners for the handles of sd-bus and sd-event, and the translation of their negative errno.

#pragma once

#include "common/error.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <memory>
#include <string_view>

namespace digisign::sdbus {

template <auto release>
struct Releaser {
    template <typename Handle>
    void operator()(Handle* handle) const noexcept {
        (void)release(handle); // the unref functions return null
    }
};

/// Closes without waiting: sd_bus_flush() has no time limit, and would wait for a peer that never answers.
using BusPtr = std::unique_ptr<sd_bus, Releaser<sd_bus_close_unref>>;
/// A further reference to a connection whose owner closes it.
using BusRef = std::unique_ptr<sd_bus, Releaser<sd_bus_unref>>;
using MessagePtr = std::unique_ptr<sd_bus_message, Releaser<sd_bus_message_unref>>;
using SlotPtr = std::unique_ptr<sd_bus_slot, Releaser<sd_bus_slot_unref>>;
using TrackPtr = std::unique_ptr<sd_bus_track, Releaser<sd_bus_track_unref>>;
using EventPtr = std::unique_ptr<sd_event, Releaser<sd_event_unref>>;
using EventSourcePtr = std::unique_ptr<sd_event_source, Releaser<sd_event_source_disable_unref>>;

/// Throws Error for a negative errno; otherwise returns the value.
inline int check(int result, std::string_view doing_what) {
    if (result < 0)
        throw error_from_errno(-result, doing_what);
    return result;
}

/// For callbacks, where exceptions stop: puts the one being handled into `error` and returns the negative
/// errno that makes sd-bus send it.
int set_error_from_exception(sd_bus_error* error) noexcept;

} // namespace digisign::sdbus
