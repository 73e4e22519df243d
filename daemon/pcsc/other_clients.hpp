// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether other programs use the smart card service.

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <optional>

namespace digisign::pcsc {

/// Of the connections to `socket` that a table of the kernel's (/proc/net/unix, see proc(5)) lists. Empty if
/// it cannot be read.
std::optional<std::size_t> count_connections(std::istream& table, const std::filesystem::path& socket);

/// Looks once in a while. Says yes where it cannot tell.
class OtherClients {
public:
    bool operator()();

private:
    std::optional<std::chrono::steady_clock::time_point> looked_;
    bool present_ = true;
};

} // namespace digisign::pcsc
