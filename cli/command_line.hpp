// SPDX-License-Identifier: LGPL-2.1-or-later
// What the person asked for on the command line, before anything of it is done.

#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>

namespace digisign::cli {

struct CommandLine {
    bool no_color = false;
    /// The verb with its options; throws Error if it fails.
    std::function<void()> action;
};

/// Parses into `command_line`, which lives longer.
std::unique_ptr<CLI::App> make_parser(CommandLine& command_line);

// One per verb, each in the file of that name.
void add_status(CLI::App& parser, CommandLine& command_line);
void add_list(CLI::App& parser, CommandLine& command_line);
void add_certificate(CLI::App& parser, CommandLine& command_line);
void add_sign(CLI::App& parser, CommandLine& command_line);
void add_pin(CLI::App& parser, CommandLine& command_line);
void add_activate(CLI::App& parser, CommandLine& command_line);
void add_key(CLI::App& parser, CommandLine& command_line);
void add_logins(CLI::App& parser, CommandLine& command_line);
void add_lock(CLI::App& parser, CommandLine& command_line);
void add_config(CLI::App& parser, CommandLine& command_line);

/// A verb (or verb of a verb) with the options every level has.
CLI::App& add_verb(CLI::App& parent, const char* name, const char* description);

/// --reader, for choose_token().
void add_reader(CLI::App& verb, std::string& reader);

} // namespace digisign::cli
