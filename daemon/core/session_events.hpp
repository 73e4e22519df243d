// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to the person's login sessions and to the computer, as far as logins on cards depend on it.
// Reported by daemon/bus.

#pragma once

#include <functional>

namespace digisign::core {

/// Every call is made on the loop thread.
class SessionEvents {
public:
    virtual ~SessionEvents() = default;

    /// The computer is about to sleep. It waits until `ready` is called, now or later, but not for more than
    /// a few seconds; after that calling it has no effect.
    virtual void on_suspending(std::function<void()> ready) = 0;

    /// The screen of one of the user's sessions was locked, or shall be. Several parts of a desktop tell so,
    /// hence it may be called more than once for one lock.
    virtual void on_locked() = 0;

    /// One of the user's sessions is now the active one of its seat: what polkit refused may be allowed from
    /// now on.
    virtual void on_active() = 0;
};

} // namespace digisign::core
