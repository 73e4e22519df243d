// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands for digisignd on the private socket: takes one agent and asks it what a test says.

#pragma once

#include "common/unique_fd.hpp"
#include "sdbus/event_loop.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>

namespace digisign::test {

class FakeAgentManager {
public:
    static constexpr char agent_id[] = "agent-1";

    struct Answer {
        std::string error{}; ///< D-Bus name; empty if there is none
        std::string pin{};
        std::optional<bool> agreed{};
    };

    /// Sets XDG_RUNTIME_DIR to a new directory with the socket in it.
    FakeAgentManager();
    ~FakeAgentManager();
    FakeAgentManager(const FakeAgentManager&) = delete;
    FakeAgentManager& operator=(const FakeAgentManager&) = delete;

    /// Calls a method of the agent. `append_arguments` writes them into the message, on the service's thread.
    std::future<Answer> ask(const std::string& member, std::function<void(sd_bus_message*)> append_arguments);

    /// What the agent said of itself when it registered; after that only.
    bool agent_is_interactive() const { return interactive_; }

private:
    struct Question;

    static int on_connection(sd_event_source* source, int fd, std::uint32_t events, void* userdata);
    static int on_answer(sd_bus_message* answer, void* userdata, sd_bus_error* error);
    static int method_register_agent(sd_bus_message* message, void* userdata, sd_bus_error* error);

    std::string directory_;
    sdbus::EventLoop loop_;
    UniqueFd listener_;
    sdbus::EventSourcePtr listening_;
    sdbus::BusPtr bus_;
    std::string agent_path_;
    bool interactive_ = false;
    std::thread thread_;
};

} // namespace digisign::test
