// SPDX-License-Identifier: LGPL-2.1-or-later
// What is written on the terminal where a PIN is asked, or somebody's consent.

#pragma once

#include "client/prompt.hpp"
#include "common/pin_value.hpp"

#include <string>
#include <string_view>

namespace digisign::cli {

/// What it is about, with which card, and who asks; whole lines, for the first question of a job.
std::string prompt_introduction(const client::Prompt& prompt);

/// Why it is asked again, a whole line; empty if it is not.
std::string problem_text(const client::Prompt& prompt);

/// "PIN 2 (signature), 5 tries left: "
std::string pin_question(const client::Prompt& prompt);

/// How long a new PIN may be, a whole line.
std::string new_pin_rule(const client::Prompt& prompt);
std::string new_pin_question(const client::Prompt& prompt);
std::string repetition_question(const client::Prompt& prompt);
inline constexpr char repetition_differs_text[] = "The two are not the same. Once more, from the start.\n";

/// Why the card cannot take it, a whole line that says nothing about the value; empty if it can.
std::string objection_to_new_pin(const client::Prompt& prompt, const PinValue& value);

/// What there is to agree to, and the question.
std::string confirmation_question(client::Question question, const client::Prompt& prompt);
/// For the last try only "yes" is a yes; for other questions "y" will do.
bool is_agreement(client::Question question, std::string_view answer);

/// What to type on the reader, whole lines.
std::string pin_pad_text(const client::Prompt& prompt);

/// "PIN 2 (signature)": the card's label, with the role where the label does not tell.
std::string pin_name(const std::string& label, const std::string& role);

/// "5 tries left"
std::string tries_left_text(unsigned tries);

} // namespace digisign::cli
