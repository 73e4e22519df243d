// SPDX-License-Identifier: LGPL-2.1-or-later
// The program on whose behalf something happens.

#pragma once

#include <cstdint>
#include <string>

namespace digisign::core {

/// One connection to one of our buses. Never reused; a program that reconnects is a new client.
enum class ClientId : std::uint64_t {};

/// What the kernel, the bus and systemd say about the process; and apart from that what somebody claims.
struct Requester {
    std::uint32_t pid = 0;  ///< 0 if unknown
    std::string executable; ///< path, or the process' short name where the path may not be read
    std::string unit;       ///< systemd unit or scope, "app-firefox-1234.scope"; empty if none
    std::string sandbox;    ///< "flatpak:org.mozilla.firefox", "snap:firefox"; empty if none
    std::string terminal;   ///< "pts/3"; empty if none
    bool verified = false;  ///< the above is about the process that holds the connection, which still lives
    std::string claims;     ///< what a service says about the program behind it; not verified
};

} // namespace digisign::core
