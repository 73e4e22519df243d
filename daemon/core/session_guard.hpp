// SPDX-License-Identifier: LGPL-2.1-or-later
// Ends logins when the person leaves the computer, as far as the configuration says so.

#pragma once

#include "configuration/settings.hpp"
#include "daemon/core/job_table.hpp"
#include "daemon/core/login_table.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/core/session_events.hpp"

namespace digisign::core {

class SessionGuard final : public SessionEvents {
public:
    /// All outlive the guard.
    SessionGuard(JobTable& jobs, LoginTable& logins, ReaderPort& readers,
                 const configuration::Settings& settings)
        : jobs_(jobs), logins_(logins), readers_(readers), settings_(settings) {}

    void on_suspending(std::function<void()> ready) override;
    void on_locked() override;
    void on_active() override { readers_.retry_access(); }

private:
    JobTable& jobs_;
    LoginTable& logins_;
    ReaderPort& readers_;
    const configuration::Settings& settings_;
};

} // namespace digisign::core
