// SPDX-License-Identifier: LGPL-2.1-or-later
// Getting a PIN from a person to the card, as often as it takes, under the rules that protect its tries.

#pragma once

#include "daemon/core/steps.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::core {

/// For each try: ask(), hand the input to a request, judge() what came of it; until judge() returns true.
class PinEntry {
public:
    /// `description` is what the person has to type. `prompt` comes from Steps::new_prompt(), with whatever
    /// is special about this use.
    PinEntry(Steps& steps, card::PinDescription description, Prompt prompt);

    /// Reads the tries left. Throws Error: PinBlocked, PukBlocked, and NeedsActivation for a PIN with the
    /// issuer's value unless `factory_value_expected`.
    Task<void> begin(bool factory_value_expected = false);

    /// Asks until there is something worth sending: the last try is confirmed, length and characters are
    /// right and the value is not known to be wrong. Throws Error: LastTryRefused, Cancelled,
    /// PinLengthInvalid …
    Task<PinValue> ask();

    /// For a value that was typed before, for another PIN of the same card (activation codes). False if the
    /// person has to be asked.
    Task<bool> may_send(const PinValue& value);

    /// As ask(), for a reader with keys of its own: confirms the last try and tells the person to type there.
    Task<void> ask_on_pin_pad();

    /// Whether the value was accepted. False if it was wrong and the person may try again. Throws Error:
    /// PinIncorrect (for an agent that cannot be asked again), PinBlocked, PukBlocked, PinLengthInvalid,
    /// PinPadTimedOut …
    bool judge(const card::PinOutcome& outcome);

    std::optional<unsigned> tries_left() const { return tries_left_; }

private:
    Task<void> confirm_last_try();
    bool check(const PinValue& value);
    std::string tries_text() const;
    void try_again(Prompt::Problem problem, const Error& error);
    bool is_listed() const; ///< the card has an object for it, and so a counter that can be read
    WrongPins::Slot slot() const { return {steps_.token().id(), description_.reference, !is_listed()}; }

    Steps& steps_;
    card::PinDescription description_;
    Prompt prompt_;
    std::optional<unsigned> tries_left_;
    bool last_try_confirmed_ = false;
    Bytes digest_; ///< of the value that is on its way; empty on a PIN pad
};

/// Asks for a new value of a PIN; one that deserves a warning has to be confirmed, or where nobody can be
/// asked is noted in `warnings`. `old_pin` may be null.
Task<PinValue> ask_new_pin(Steps& steps, const card::PinDescription& pin, const PinValue* old_pin,
                           std::vector<std::string>& warnings);

/// Whether a PIN is to be typed on the reader's own keys.
bool types_on_pin_pad(const Steps& steps, bool new_value);

} // namespace digisign::core
