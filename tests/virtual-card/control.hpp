// SPDX-License-Identifier: LGPL-2.1-or-later
// The control socket: commands from a test, a line each, answered by a line that starts with "ok" or "error".

#pragma once

#include "common/unique_fd.hpp"
#include "tests/virtual-card/card_session.hpp"
#include "tests/virtual-card/event_loop.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::virtual_card {

/// Carries out one command line; `quit` ends the loop.
std::string run_command(std::string_view line, CardSession& session, EventLoop& loop);

class ControlServer {
public:
    using Handler = std::function<std::string(std::string_view line)>;

    /// Throws Error where the socket cannot be made. A socket left behind by a dead program is replaced.
    ControlServer(EventLoop& loop, std::string path, Handler handler);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

private:
    struct Client {
        UniqueFd fd;
        std::string received;
        EventLoop::SourcePtr watch;
    };

    void on_connection();
    void on_readable(int fd);

    EventLoop& loop_;
    std::string path_;
    Handler handler_;
    UniqueFd listening_;
    EventLoop::SourcePtr watch_;
    std::map<int, Client> clients_;
};

/// Sends one command to a running card and gives the answer without its newline; throws Error.
std::string send_command(const std::string& path, std::string_view command);

} // namespace digisign::virtual_card
