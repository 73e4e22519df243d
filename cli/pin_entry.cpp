// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_entry.hpp"

#include "cli/terminal.hpp"
#include "cli/terminal_prompter.hpp"
#include "client/daemon_state.hpp"

#include <utility>

namespace digisign::cli {

using Kind = client::AgentServer::Kind;

PinEntry::PinEntry(client::PollLoop& loop, SignalWatch& signals, const PinDescriptors& descriptors,
                   std::function<void(bool)> on_open)
    : loop_(loop), kind_(descriptors.pin || descriptors.new_pin ? Kind::Scripted : Kind::Interactive) {
    if (kind_ == Kind::Scripted)
        prompter_ = std::make_unique<DescriptorPrompter>(loop, descriptors);
    else if (auto terminal = Terminal::open())
        prompter_ =
            std::make_unique<TerminalPrompter>(loop, std::move(*terminal), signals, std::move(on_open));
}

std::string PinEntry::connect(client::Connection& session) {
    if (prompter_ == nullptr) {
        if (!client::load_state(session).agent_available)
            throw Error(ErrorCode::AgentUnavailable, "there is no terminal to ask for the PIN");
        return "";
    }
    client::start_daemon(session);
    connection_.emplace(loop_);
    server_.emplace(*connection_, *prompter_, kind_);
    return server_->id();
}

} // namespace digisign::cli
