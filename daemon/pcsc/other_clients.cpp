// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/other_clients.hpp"

#include "daemon/pcsc/context.hpp"
#include "daemon/pcsc/service_watch.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace digisign::pcsc {

namespace {

constexpr std::chrono::seconds look_again{1};

} // namespace

std::optional<std::size_t> count_connections(std::istream& table, const std::filesystem::path& socket) {
    constexpr std::string_view connected = "03"; // SS_CONNECTED
    std::string line;
    if (!std::getline(table, line)) // the head
        return std::nullopt;
    std::size_t count = 0;
    while (std::getline(table, line)) {
        std::istringstream columns(line);
        std::string number, references, protocol, flags, type, state, inode, path;
        columns >> number >> references >> protocol >> flags >> type >> state >> inode >> path;
        if (state == connected && path == socket)
            ++count;
    }
    return count;
}

bool OtherClients::operator()() {
    const auto now = std::chrono::steady_clock::now();
    if (!looked_ || now - *looked_ >= look_again) {
        std::ifstream table("/proc/net/unix");
        const auto connections = count_connections(table, service_socket_path());
        // Fewer than ours would be those of another network namespace.
        present_ = connections != Context::count();
        looked_ = now;
    }
    return present_;
}

} // namespace digisign::pcsc
