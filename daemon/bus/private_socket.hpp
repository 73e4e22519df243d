// SPDX-License-Identifier: LGPL-2.1-or-later
// The listening private socket, from systemd or of our own making.

#pragma once

#include "common/unique_fd.hpp"
#include "daemon/bus/private_endpoint.hpp"

#include <list>
#include <string>

namespace digisign::bus {

class PrivateSocket {
public:
    /// Takes the socket that systemd passed (sd_listen_fds(3)), else makes one at private_socket_path(),
    /// directory 0700, socket 0600. Throws Error(ServiceUnavailable) if another daemon listens there.
    PrivateSocket(Core core, sd_event* event);
    ~PrivateSocket();

    PrivateSocket(const PrivateSocket&) = delete;
    PrivateSocket& operator=(const PrivateSocket&) = delete;

    const std::list<PrivateEndpoint>& endpoints() const { return endpoints_; }

    /// Peers that wait for their first snapshot get it.
    void answer_waiting_snapshots();
    void on_slots_changed();

private:
    static int on_connection(sd_event_source* source, int fd, std::uint32_t events, void* userdata) noexcept;
    static int on_loop_turn(sd_event_source* source, void* userdata) noexcept;
    void accept_connection();
    void drop_those_that_do_not_read();
    void on_hang_up(PrivateEndpoint& endpoint);

    Core core_;
    sd_event* event_;
    std::string own_path_; ///< to be removed at the end; empty for a socket of systemd's
    UniqueFd listener_;
    sdbus::EventSourcePtr source_;
    std::list<PrivateEndpoint> endpoints_;
    sdbus::EventSourcePtr turn_;
    sdbus::EventSourcePtr reaper_;
    std::list<PrivateEndpoint> hung_up_; ///< destroyed from the loop, not from within their own callback
};

} // namespace digisign::bus
