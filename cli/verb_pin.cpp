// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl pin list, verify, change, unblock

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/listing_verb.hpp"
#include "cli/pin_choice.hpp"
#include "cli/pin_job.hpp"
#include "cli/pin_warning.hpp"
#include "cli/prompt_text.hpp"
#include "client/daemon_state.hpp"
#include "client/pin.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>

namespace digisign::cli {

namespace {

struct PinArguments {
    std::string pin;
    std::string reader;
    PinDescriptors descriptors;
};

constexpr char which_pin[] =
    "Reference of the PIN (two hex digits) or its role: authentication, signature, organisation, puk";

std::string name_of(const client::Pin& pin) {
    return pin_name(pin.label, std::string(client::to_name(pin.role)));
}

void verify(const PinArguments& arguments) {
    PinJob job("Checking the PIN", arguments.descriptors);
    const client::DaemonState state = job.load_state();
    const client::Pin& pin = choose_pin(state, arguments.pin, arguments.reader);
    client::verify_pin(job.session(), pin.path, job.connect(), job.on_status());
    job.finish();
    print(name_of(pin) + " is right.\n");
}

void change(const PinArguments& arguments) {
    PinJob job("Changing the PIN", arguments.descriptors);
    const client::DaemonState state = job.load_state();
    const client::Pin& pin = choose_pin(state, arguments.pin, arguments.reader);
    const auto warnings = client::change_pin(job.session(), pin.path, job.connect(), job.on_status());
    job.finish();
    print(name_of(pin) + " is changed.\n");
    print_pin_warnings(warnings);
}

void unblock(const PinArguments& arguments) {
    PinJob job("Unblocking the PIN", arguments.descriptors);
    const client::DaemonState state = job.load_state();
    const client::Pin& pin = choose_locked_pin(state, arguments.pin, arguments.reader);
    const auto warnings = client::unblock_pin(job.session(), pin.path, job.connect(), job.on_status());
    job.finish();
    print(name_of(pin) + " is unblocked and has its new value.\n");
    print_pin_warnings(warnings);
}

using Verb = void (*)(const PinArguments&);

std::shared_ptr<PinArguments> add_pin_verb(CLI::App& verb, CommandLine& command_line, Verb action,
                                           const std::string& default_pin) {
    const auto arguments = std::make_shared<PinArguments>();
    verb.add_option("PIN", arguments->pin, which_pin + (" (default: " + default_pin) + ")");
    add_reader(verb, arguments->reader);
    verb.callback([&command_line, arguments, action] {
        command_line.action = [arguments, action] { action(*arguments); };
    });
    return arguments;
}

} // namespace

void add_pin(CLI::App& parser, CommandLine& command_line) {
    CLI::App& group = add_verb(parser, "pin", "List, test, change or unblock the PINs of a card");
    group.require_subcommand(1);

    add_listing_verb(group, command_line, "List the PINs with their tries left; spends none",
                     pin_listing_text, pin_listing_json);

    CLI::App& verify_verb = add_verb(group, "verify", "Test a PIN. A wrong one costs a try, as everywhere");
    add_pin_fd(verify_verb, add_pin_verb(verify_verb, command_line, verify, "authentication")->descriptors);

    CLI::App& change_verb = add_verb(group, "change", "Give a PIN a new value, with the current one");
    add_pin_and_new_pin_fd(change_verb,
                           add_pin_verb(change_verb, command_line, change, "authentication")->descriptors,
                           "the current PIN", "the new PIN");

    CLI::App& unblock_verb =
        add_verb(group, "unblock", "Give a PIN that is locked or forgotten a new value, with the PUK");
    add_pin_and_new_pin_fd(
        unblock_verb,
        add_pin_verb(unblock_verb, command_line, unblock, "the one that is locked")->descriptors, "the PUK",
        "the new PIN");
}

} // namespace digisign::cli
