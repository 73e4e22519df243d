// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be set in digisign.conf(5), as values; a default-constructed Settings is what holds where nobody
// says otherwise.

#pragma once

#include <chrono>

namespace digisign::configuration {

enum class PinPadUse {
    Prefer, ///< where a reader has keys, the PIN is typed on them
    Never,
};

struct Settings {
    struct Login {
        bool allowed = true; ///< whether a PIN may stay verified between operations at all
        std::chrono::seconds idle_limit = std::chrono::minutes(15); ///< zero: no limit
        bool end_on_screen_lock = true;
        bool end_on_suspend = true;

        bool operator==(const Login&) const = default;
    };

    struct Prompt {
        std::chrono::seconds timeout = std::chrono::minutes(5);

        bool operator==(const Prompt&) const = default;
    };

    struct Card {
        std::chrono::seconds timeout{30};

        bool operator==(const Card&) const = default;
    };

    struct Pin {
        bool warn_trivial = true;
        PinPadUse pin_pad = PinPadUse::Prefer;
        std::chrono::seconds pin_pad_timeout{60};

        bool operator==(const Pin&) const = default;
    };

    Login login;
    Prompt prompt;
    Card card;
    Pin pin;

    bool operator==(const Settings&) const = default;
};

} // namespace digisign::configuration
