// SPDX-License-Identifier: LGPL-2.1-or-later
// Using a private key, whatever for: with a login, or with a PIN that is asked for.

#pragma once

#include "daemon/core/steps.hpp"

#include <optional>

namespace digisign::core {

/// What is done with the key, once or several times.
class KeyUse {
public:
    virtual ~KeyUse() = default;

    /// How often the key is still to be used.
    virtual std::size_t remaining() const = 0;

    /// Uses it once. Returns what the PIN came to if it was refused, and throws the Error of the request;
    /// then as much remains as before.
    virtual Task<std::optional<card::PinOutcome>> use_once(std::optional<PresentedPin> pin,
                                                           card::PinSet keep) = 0;

    /// What a person should see before typing a PIN for it.
    virtual void describe(Prompt& prompt) const = 0;
};

/// Throws Error(CardRemoved, KeyNotFound).
card::KeyDescription find_key(const Steps& steps, const Bytes& id);

/// Until nothing remains.
Task<void> use_key(Steps& steps, const card::KeyDescription& key, KeyUse& use);

} // namespace digisign::core
