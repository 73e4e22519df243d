// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads what the kernel and the sandboxes write about a process. Pure functions on text.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace digisign::bus {

/// Of /proc/PID/stat, see proc(5).
struct ProcessStat {
    std::uint32_t terminal = 0;   ///< tty_nr, a device number; 0 if none
    std::uint64_t start_time = 0; ///< clock ticks since the system was booted
};

std::optional<ProcessStat> parse_stat(std::string_view stat);

/// "pts/3" for a pseudo-terminal, else empty.
std::string pseudo_terminal(std::uint32_t device);

/// The application's id in .flatpak-info, see flatpak-metadata(5); empty if there is none.
std::string flatpak_from_info(std::string_view info);

/// The same from the name of its scope, "app-flatpak-org.mozilla.firefox-1234.scope".
std::string flatpak_from_unit(std::string_view unit);

/// The snap's name in the AppArmor label "snap.firefox.firefox (enforce)"; empty for any other label.
std::string snap_from_label(std::string_view label);

/// The same from /proc/PID/cgroup, where snapd puts "snap.firefox.firefox-UUID.scope" at the end of a path.
std::string snap_from_cgroup(std::string_view cgroup);

} // namespace digisign::bus
