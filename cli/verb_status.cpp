// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl status

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/listing.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace digisign::cli {

namespace {

void status() {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    const auto state = client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
    print(status_text(state));
    client::require_ready_token(state);
}

} // namespace

void add_status(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb =
        add_verb(parser, "status", "Tell whether readers and cards are ready; so does the exit code");
    verb.callback([&command_line] { command_line.action = status; });
}

} // namespace digisign::cli
