// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl pin verify

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/pin_choice.hpp"
#include "cli/pin_entry.hpp"
#include "cli/prompt_text.hpp"
#include "cli/signals.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"
#include "client/key.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <optional>
#include <string>

namespace digisign::cli {

namespace {

struct PinArguments {
    std::string pin;
    std::string reader;
    std::optional<int> pin_fd;
};

void verify(const PinArguments& arguments) {
    client::PollLoop loop;
    SignalWatch signals(loop);
    client::SessionConnection session(loop);
    PinEntry pin_entry(loop, signals, arguments.pin_fd, [](bool) {}); // nothing else is on the terminal
    const auto state = client::load_settled_state(session, client::Clock::now() + client::settle_timeout);
    const client::Pin& pin = choose_pin(state, arguments.pin, arguments.reader);
    const client::RequestOptions options{.agent = pin_entry.connect(session)};
    client::verify_pin(session, pin.path, options);
    print(pin_name(pin.label, std::string(client::to_name(pin.role))) + " is right.\n");
}

} // namespace

void add_pin(CLI::App& parser, CommandLine& command_line) {
    CLI::App& pin = add_verb(parser, "pin", "Work with the PINs of a card");
    pin.require_subcommand(1);
    CLI::App& verb = add_verb(pin, "verify", "Test a PIN. A wrong one costs a try, as everywhere");
    const auto arguments = std::make_shared<PinArguments>();
    verb.add_option(
        "PIN", arguments->pin,
        "Reference of the PIN (two hex digits) or its role: authentication, signature, organisation, puk "
        "(default: authentication)");
    verb.add_option("--reader", arguments->reader,
                    "The reader the card is in, where several have one; part of the name");
    verb.add_option("--pin-fd", arguments->pin_fd,
                    "Read the PIN from this file descriptor, up to the end of the line")
        ->check(CLI::NonNegativeNumber);
    verb.callback([&command_line, arguments] { command_line.action = [arguments] { verify(*arguments); }; });
}

} // namespace digisign::cli
