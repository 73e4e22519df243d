// SPDX-License-Identifier: LGPL-2.1-or-later
// Listens on the session bus to the screen savers that lock without telling logind.

#pragma once

#include "daemon/core/session_events.hpp"
#include "sdbus/handles.hpp"

#include <vector>

namespace digisign::bus {

class ScreenSaverWatch {
public:
    /// Both outlive this object; `session_bus` is connected or about to be.
    ScreenSaverWatch(sd_bus* session_bus, core::SessionEvents& events);

    ScreenSaverWatch(const ScreenSaverWatch&) = delete;
    ScreenSaverWatch& operator=(const ScreenSaverWatch&) = delete;

private:
    static int on_active_changed(sd_bus_message* signal, void* userdata, sd_bus_error* error) noexcept;

    core::SessionEvents& events_;
    std::vector<sdbus::SlotPtr> matches_;
};

} // namespace digisign::bus
