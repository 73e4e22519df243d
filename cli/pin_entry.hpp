// SPDX-License-Identifier: LGPL-2.1-or-later
// Where this run of the program gets PINs from: the terminal, descriptors, or a prompt that belongs to the
// desktop.

#pragma once

#include "cli/descriptor_prompter.hpp"
#include "cli/signals.hpp"
#include "client/agent_server.hpp"
#include "client/connection.hpp"
#include "client/poll_loop.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace digisign::cli {

class PinEntry {
public:
    /// The descriptors if there are any, else the terminal if there is one. `on_open` is told when the
    /// terminal is in use for a question. Throws Error(InvalidArgument) for a bad descriptor.
    PinEntry(client::PollLoop& loop, SignalWatch& signals, const PinDescriptors& descriptors,
             std::function<void(bool)> on_open);

    /// Starts digisignd if need be and registers there. Returns the agent's id; empty if the default agent of
    /// the desktop is to ask. Throws Error(AgentUnavailable) where nothing can.
    std::string connect(client::Connection& session);

private:
    client::PollLoop& loop_;
    client::AgentServer::Kind kind_;
    // Each uses those above it.
    std::optional<client::PrivateConnection> connection_;
    std::unique_ptr<client::Prompter> prompter_; ///< null without descriptors and terminal
    std::optional<client::AgentServer> server_;
};

} // namespace digisign::cli
