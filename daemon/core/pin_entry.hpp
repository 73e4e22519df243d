// SPDX-License-Identifier: LGPL-2.1-or-later
// Getting a PIN from a person to the card, as often as it takes, under the rules that protect its tries.

#pragma once

#include "daemon/core/steps.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::core {

/// For each try: next_input(), hand it to a request, judge() what came of it; until judge() returns true.
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

    /// ask(); or where PINs are typed on the reader's own keys, confirms the last try and tells the person
    /// so.
    Task<card::PinInput> next_input();

    /// The reader cannot ask for this PIN on its keys (its request ended in NotSupported, and nobody was
    /// asked). True if it is to be typed here instead.
    bool type_here_after(const Error& error);

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
    bool on_pin_pad_ = false;
    Bytes digest_; ///< of the value that is on its way; empty on a PIN pad
};

/// Asks for a new value of a PIN; one that deserves a warning has to be confirmed, or where nobody can be
/// asked is noted in `warnings`. `old_pin` may be null.
Task<PinValue> ask_new_pin(Steps& steps, const card::PinDescription& pin, const PinValue* old_pin,
                           std::vector<std::string>& warnings);

/// Whether a new value is to be typed on the reader's own keys, together with the old one or the PUK.
bool sets_on_pin_pad(const Steps& steps);

} // namespace digisign::core
