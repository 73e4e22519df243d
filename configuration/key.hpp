// SPDX-License-Identifier: LGPL-2.1-or-later
// The closed list of keys that a configuration file may have, and how their values are written.

#pragma once

#include "configuration/settings.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace digisign::configuration {

using Value = std::variant<bool, std::chrono::seconds, PinPadUse>;

struct Key {
    std::string_view section;
    std::string_view name;
    std::string_view meaning; ///< a sentence for people
    /// What holds if a policy file names the key with something that is no value of it. Where no side is the
    /// stricter one, the default.
    Value strictest;
    // Of durations; zero is allowed besides where it has a meaning.
    std::chrono::seconds shortest{};
    std::chrono::seconds longest{};
    bool zero_is_never = false;

    Value (*get)(const Settings&);
    void (*set)(Settings&, const Value&); ///< with a value of the type that get() returns
};

/// All of them, section by section.
std::span<const Key> keys();

/// Null if there is none of that name.
const Key* find_key(std::string_view section, std::string_view name);

/// "login.idle-limit"
std::string full_name(const Key& key);

/// "yes", "15min", "prefer". Empty if it is no value of the key, or out of its range.
std::optional<Value> parse_value(const Key& key, std::string_view text);

/// In the form that parse_value() reads; of a duration, in the largest unit that needs no fraction.
std::string value_text(const Value& value);

/// "yes or no", "0 (never), or 1s to 24h".
std::string allowed_values(const Key& key);

} // namespace digisign::configuration
