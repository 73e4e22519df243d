// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl list

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/listing.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <chrono>
#include <memory>

namespace digisign::cli {

namespace {

void list(bool json) {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    const auto state = client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    print(json ? listing_json(state, now) : listing_text(state, now));
    if (state.tokens.empty())
        client::require_ready_token(state); // says why there is nothing to list
}

} // namespace

void add_list(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb = add_verb(parser, "list", "List readers, cards, PINs, keys and certificates");
    const auto json = std::make_shared<bool>(false);
    verb.add_flag("--json", *json, "For programs; the format is described in digisignctl(1)");
    verb.callback([&command_line, json] { command_line.action = [json] { list(*json); }; });
}

} // namespace digisign::cli
