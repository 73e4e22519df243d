// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/screen_saver_watch.hpp"

#include "common/log.hpp"

#include <string>

namespace digisign::bus {

namespace {

/// Each has an interface of its bus name with the signal ActiveChanged(b). The first is common to several
/// desktops.
constexpr const char* screen_savers[] = {
    "org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",        "org.xfce.ScreenSaver",
};

} // namespace

ScreenSaverWatch::ScreenSaverWatch(sd_bus* session_bus, core::SessionEvents& events) : events_(events) {
    for (const char* const name : screen_savers) {
        sd_bus_slot* slot = nullptr;
        sdbus::check(sd_bus_match_signal_async(session_bus, &slot, name, nullptr, name, "ActiveChanged",
                                               on_active_changed, nullptr, this),
                     "cannot listen to screen savers");
        matches_.emplace_back(slot);
    }
}

int ScreenSaverWatch::on_active_changed(sd_bus_message* signal, void* userdata, sd_bus_error*) noexcept {
    int active = 0;
    try {
        if (sd_bus_message_read(signal, "b", &active) > 0 && active != 0)
            static_cast<ScreenSaverWatch*>(userdata)->events_.on_locked();
    } catch (const std::exception& error) {
        log::error(std::string("cannot follow the screen saver: ") + error.what());
    }
    return 0; // for others as well
}

} // namespace digisign::bus
