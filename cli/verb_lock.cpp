// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl lock

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "client/connection.hpp"
#include "client/logins.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace digisign::cli {

namespace {

void lock() {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    client::lock(session);
    print("All logins have ended.\n");
}

} // namespace

void add_lock(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb =
        add_verb(parser, "lock", "End all logins; whoever uses a card next is asked for its PIN");
    verb.callback([&command_line] { command_line.action = lock; });
}

} // namespace digisign::cli
