// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is on the other side of a connection.

#pragma once

#include "common/unique_fd.hpp"
#include "daemon/core/requester.hpp"

#include <chrono>
#include <cstdint>

namespace digisign::bus {

/// The process that holds a connection. A number alone may be another process' by the time it is looked at;
/// the pidfd (pidfd_open(2)) tells whether it still is the same.
struct Peer {
    std::uint32_t pid = 0; ///< 0 if unknown
    UniqueFd pidfd;        ///< empty where nobody can be sure
};

/// Time since the system was booted.
using BootTime = std::chrono::nanoseconds;
BootTime boot_time();

/// The process that called connect() on a unix socket, which was just accepted.
Peer peer_of_socket(int socket);

/// A process that was known by this number at that time: one which was started later is another.
Peer peer_by_number(std::uint32_t pid, BootTime known_at);

/// Everything but Requester::claims. Blocks no longer than reading files of /proc takes.
core::Requester describe_process(const Peer& peer);

} // namespace digisign::bus
