// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/listing_verb.hpp"

#include "cli/console.hpp"
#include "cli/token_choice.hpp"
#include "client/connection.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

namespace digisign::cli {

namespace {

struct Arguments {
    std::string reader;
    bool json = false;
};

void list(const Arguments& arguments, Listing text, Listing json) {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    const auto state = client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
    print((arguments.json ? json : text)(state, find_tokens(state, arguments.reader)));
}

} // namespace

void add_listing_verb(CLI::App& group, CommandLine& command_line, const char* description, Listing text,
                      Listing json) {
    CLI::App& verb = add_verb(group, "list", description);
    const auto arguments = std::make_shared<Arguments>();
    add_reader(verb, arguments->reader);
    verb.add_flag("--json", arguments->json, "For programs; the format is described in digisignctl(1)");
    verb.callback([&command_line, arguments, text, json] {
        command_line.action = [arguments, text, json] { list(*arguments, text, json); };
    });
}

} // namespace digisign::cli
