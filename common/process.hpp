// SPDX-License-Identifier: LGPL-2.1-or-later
// What a process of ours does to itself before it touches a secret or a stranger's input.

#pragma once

#include <cstddef>

namespace digisign {

/// For every program through which a PIN passes: no core dumps, memory not readable by other processes of the
/// user.
void protect_process_memory();

/// For the services: protect_process_memory(), and besides: no new privileges, umask 077, SIGPIPE ignored,
/// the descriptors 0 to 2 opened on /dev/null where they were closed.
void harden_service();

/// For a service that reads what strangers wrote: beyond this, allocations fail (std::bad_alloc) instead of
/// taking the machine's memory.
void limit_memory(std::size_t bytes);

} // namespace digisign
