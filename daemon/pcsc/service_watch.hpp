// SPDX-License-Identifier: LGPL-2.1-or-later
// Notices, without polling, that pcscd's socket appears or is made anew.

#pragma once

#include "common/unique_fd.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace digisign::pcsc {

/// Where libpcsclite looks for pcscd: $PCSCLITE_CSOCK_NAME, or /run/pcscd/pcscd.comm.
std::filesystem::path service_socket_path();

class ServiceWatch {
public:
    enum class Wake { SocketChanged, Timeout, Interrupted };

    explicit ServiceWatch(std::filesystem::path socket);

    ServiceWatch(const ServiceWatch&) = delete;
    ServiceWatch& operator=(const ServiceWatch&) = delete;

    /// Starts to take note, from now on, of the socket being made; call it before trying to connect. While
    /// the socket's directory is missing, its nearest existing ancestor is watched instead. Where inotify
    /// itself refuses (its limits are per user), wait() falls back to a Timeout now and then.
    void arm();

    /// Ends that, while nobody waits.
    void disarm() { inotify_.reset(); }

    /// Waits for what arm() watches; for interrupt(), also one that came before; or for `timeout`.
    Wake wait(std::optional<std::chrono::milliseconds> timeout, const std::stop_token& stop);

    /// Ends the present or the next wait(). From any thread.
    void interrupt();

private:
    void clear_interrupt();
    bool watch_nearest_directory();
    /// Whether one of the events read concerns us.
    bool read_events();

    std::filesystem::path socket_;
    UniqueFd inotify_;
    UniqueFd wake_;
    std::filesystem::path watched_; ///< directory; empty if none could be watched
    std::string awaited_;           ///< the entry of `watched_` on the way to the socket
};

} // namespace digisign::pcsc
