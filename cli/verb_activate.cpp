// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl activate

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/pin_job.hpp"
#include "cli/pin_warning.hpp"
#include "cli/token_choice.hpp"
#include "client/token.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>

namespace digisign::cli {

namespace {

struct ActivateArguments {
    std::string reader;
    PinDescriptors descriptors;
};

void activate(const ActivateArguments& arguments) {
    PinJob job("Activating the card", arguments.descriptors);
    const client::DaemonState state = job.load_state();
    const client::Token& token = choose_new_token(state, arguments.reader);
    const auto warnings = client::activate(job.session(), token.path, job.connect(), job.on_status());
    job.finish();
    print("The card " + printable(token.label) + " is activated. Its PINs are set.\n");
    print_pin_warnings(warnings);
}

} // namespace

void add_activate(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb =
        add_verb(parser, "activate", "Set the PINs of a new card, with the activation code from its letter");
    const auto arguments = std::make_shared<ActivateArguments>();
    add_reader(verb, arguments->reader);
    add_pin_and_new_pin_fd(verb, arguments->descriptors, "the activation code",
                           "the new PINs, one a line in the order of 'pin list',");
    verb.callback(
        [&command_line, arguments] { command_line.action = [arguments] { activate(*arguments); }; });
}

} // namespace digisign::cli
