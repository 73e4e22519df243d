// SPDX-License-Identifier: LGPL-2.1-or-later
// The verb "list" of a group of verbs: what is on the cards, for people or for programs.

#pragma once

#include "cli/command_line.hpp"
#include "cli/listing.hpp"

#include <CLI/App.hpp>

#include <string>

namespace digisign::cli {

using Listing = std::string (*)(const client::DaemonState& state, const Tokens& tokens);

void add_listing_verb(CLI::App& group, CommandLine& command_line, const char* description, Listing text,
                      Listing json);

} // namespace digisign::cli
