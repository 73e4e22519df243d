// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/session_guard.hpp"

namespace digisign::core {

void SessionGuard::on_suspending(std::function<void()> ready) {
    if (!settings_.login.end_on_suspend) {
        ready();
        return;
    }
    jobs_.cancel_holding_pins(Error(ErrorCode::Cancelled, "the computer goes to sleep"));
    logins_.end_all(std::move(ready));
}

void SessionGuard::on_locked() {
    if (!settings_.login.end_on_screen_lock)
        return;
    jobs_.cancel_holding_pins(Error(ErrorCode::Cancelled, "the screen was locked"));
    logins_.end_all();
}

} // namespace digisign::core
