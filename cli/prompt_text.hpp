// SPDX-License-Identifier: LGPL-2.1-or-later
// What is written on the terminal where a PIN is asked.

#pragma once

#include "client/agent_server.hpp"

#include <string>

namespace digisign::cli {

/// What the PIN is for and who asks, or why it is asked again; whole lines.
std::string prompt_introduction(const client::PinRequest& request);

/// "PIN 2 (signature), 5 tries left: "
std::string prompt_question(const client::PinRequest& request);

/// Whether a wrong PIN now would lock it, so that a person has to confirm first.
bool needs_confirmation(const client::PinRequest& request);

/// The warning and the question to which only "yes" is a yes.
std::string confirmation_question(const client::PinRequest& request);

/// "PIN 2 (signature)": the card's label, with the role where the label does not tell.
std::string pin_name(const std::string& label, const std::string& role);

/// "5 tries left"
std::string tries_left_text(unsigned tries);

} // namespace digisign::cli
