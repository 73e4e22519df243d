// SPDX-License-Identifier: LGPL-2.1-or-later
// What the configuration decides for the core; digisign.conf(5) has the keys.

#pragma once

#include <chrono>

namespace digisign::core {

struct Policy {
    bool login_allowed = true; ///< a PIN may stay verified for its client
    std::chrono::seconds login_idle_limit{std::chrono::minutes(15)}; ///< 0: none
    bool end_logins_on_screen_lock = true;
    bool end_logins_on_suspend = true;
    std::chrono::seconds prompt_timeout{std::chrono::minutes(5)};
    std::chrono::seconds card_timeout{30};
    bool warn_trivial_pin = true;
    bool use_pin_pad = true;
    std::chrono::seconds pin_pad_timeout{60};
};

} // namespace digisign::core
