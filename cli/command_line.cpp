// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/command_line.hpp"

#include "config.hpp"

namespace digisign::cli {

namespace {

constexpr char version_text[] = "digisignctl " DIGISIGN_VERSION;

} // namespace

CLI::App& add_verb(CLI::App& parent, const char* name, const char* description) {
    CLI::App* verb = parent.add_subcommand(name, description);
    verb->set_version_flag("--version", version_text, "Print the version and exit");
    verb->fallthrough(); // --no-color is understood after the verb too
    return *verb;
}

void add_reader(CLI::App& verb, std::string& reader) {
    verb.add_option("--reader", reader,
                    "The reader the card is in, where several have one; part of the name");
}

std::unique_ptr<CLI::App> make_parser(CommandLine& command_line) {
    auto parser = std::make_unique<CLI::App>("Sign documents with a smart card.", "digisignctl");
    parser->set_version_flag("--version", version_text, "Print the version and exit");
    parser->add_flag("--no-color", command_line.no_color, "No colours, even on a terminal (also: NO_COLOR)");
    parser->require_subcommand(1);
    parser->footer(
        "Exit codes: 0 success, 1 other failure, 2 wrong usage, 3 service, 4 no reader or card, 5 card,\n"
        "6 PIN, 7 cancelled, 8 certificate, 9 input, 10 output. See digisignctl(1).");
    add_status(*parser, command_line);
    add_list(*parser, command_line);
    add_certificate(*parser, command_line);
    add_sign(*parser, command_line);
    add_pin(*parser, command_line);
    add_activate(*parser, command_line);
    add_key(*parser, command_line);
    add_logins(*parser, command_line);
    add_lock(*parser, command_line);
    add_config(*parser, command_line);
    return parser;
}

} // namespace digisign::cli
