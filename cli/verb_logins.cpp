// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl logins

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/listing.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"
#include "client/logins.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace digisign::cli {

namespace {

struct LoginsArguments {
    std::optional<std::uint64_t> end;
    bool json = false;
};

void logins(const LoginsArguments& arguments) {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    if (arguments.end) {
        client::end_login(session, *arguments.end);
        print("Login " + std::to_string(*arguments.end) + " has ended.\n");
        return;
    }
    const client::DaemonState state = client::load_state(session);
    const auto all = client::list_logins(session);
    print(arguments.json ? login_listing_json(state, all) : login_listing_text(state, all));
}

} // namespace

void add_logins(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb =
        add_verb(parser, "logins", "Show which programs may use a card without asking, or end that");
    const auto arguments = std::make_shared<LoginsArguments>();
    CLI::Option* end = verb.add_option("--end", arguments->end, "End the login with this number")
                           ->check(CLI::NonNegativeNumber);
    verb.add_flag("--json", arguments->json, "For programs; the format is described in digisignctl(1)")
        ->excludes(end);
    verb.callback([&command_line, arguments] { command_line.action = [arguments] { logins(*arguments); }; });
}

} // namespace digisign::cli
