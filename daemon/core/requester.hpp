// SPDX-License-Identifier: LGPL-2.1-or-later
// The program on whose behalf something happens.

#pragma once

#include <cstdint>
#include <string>

namespace digisign::core {

/// One connection to one of our buses. Never reused; a program that reconnects is a new client.
enum class ClientId : std::uint64_t {};

struct Requester {
    std::uint32_t pid = 0;  ///< from the kernel or the bus; 0 if unknown
    std::string executable; ///< path, or the process' short name where the path may not be read
    std::string claims;     ///< what a service says about the program behind it; not verified
};

} // namespace digisign::core
