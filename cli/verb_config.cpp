// SPDX-License-Identifier: LGPL-2.1-or-later
// digisignctl config

#include "cli/command_line.hpp"
#include "cli/config_listing.hpp"
#include "cli/console.hpp"
#include "configuration/configuration.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>

namespace digisign::cli {

namespace {

struct ConfigArguments {
    std::string key;
    bool origin = false;
    bool json = false;
};

void config(const ConfigArguments& arguments) {
    using configuration::Configuration;
    const Configuration configuration = Configuration::load(configuration::installed_directories());
    if (arguments.json) {
        print(config_json(configuration, arguments.key));
        return;
    }
    print(arguments.key.empty() ? config_text(configuration, arguments.origin)
                                : config_value_text(configuration, arguments.key, arguments.origin));
    for (const std::string& warning : configuration.warnings())
        print_error(warning);
}

} // namespace

void add_config(CLI::App& parser, CommandLine& command_line) {
    CLI::App& verb = add_verb(parser, "config", "Show the settings in force; see digisign.conf(5)");
    const auto arguments = std::make_shared<ConfigArguments>();
    verb.add_option("KEY", arguments->key, "Only this one's value, such as login.idle-limit");
    verb.add_flag("--origin", arguments->origin, "Tell which line of which file each value comes from");
    verb.add_flag("--json", arguments->json, "For programs; the format is described in digisignctl(1)");
    verb.callback([&command_line, arguments] { command_line.action = [arguments] { config(*arguments); }; });
}

} // namespace digisign::cli
