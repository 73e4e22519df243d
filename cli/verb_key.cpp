// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl key list, key test

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/key_choice.hpp"
#include "cli/listing_verb.hpp"
#include "cli/pin_job.hpp"
#include "client/daemon_state.hpp"
#include "client/key.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>

namespace digisign::cli {

namespace {

struct TestArguments {
    std::string key;
    PinDescriptors descriptors;
};

void test(const TestArguments& arguments) {
    PinJob job("Testing the key", arguments.descriptors);
    const client::DaemonState state = job.load_state();
    const client::Key& key = choose_key(state, arguments.key);
    client::test_key(job.session(), key.path, job.connect(), job.on_status());
    job.finish();
    print("The key " + printable(key.label) +
          " works: it signed, and its certificate confirms the signature.\n");
}

} // namespace

void add_key(CLI::App& parser, CommandLine& command_line) {
    CLI::App& group = add_verb(parser, "key", "List or test the private keys of a card");
    group.require_subcommand(1);

    add_listing_verb(group, command_line, "List the keys with their PINs and certificates", key_listing_text,
                     key_listing_json);

    CLI::App& test_verb = add_verb(group, "test", "Sign something random, and check it with the certificate");
    const auto arguments = std::make_shared<TestArguments>();
    test_verb.add_option(
        "KEY", arguments->key,
        "Id of the key, or its certificate: start of the fingerprint (6 digits or more), label or "
        "name; may be left out where there is only one");
    add_pin_fd(test_verb, arguments->descriptors);
    test_verb.callback(
        [&command_line, arguments] { command_line.action = [arguments] { test(*arguments); }; });
}

} // namespace digisign::cli
