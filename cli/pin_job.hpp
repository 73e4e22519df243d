// SPDX-License-Identifier: LGPL-2.1-or-later
// What every verb has that may have a PIN asked: a connection, somewhere to ask, signals, and a progress
// line.

#pragma once

#include "cli/pin_entry.hpp"
#include "cli/progress_line.hpp"
#include "cli/signals.hpp"
#include "client/connection.hpp"
#include "client/daemon_state.hpp"
#include "client/poll_loop.hpp"
#include "client/request_options.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>

namespace digisign::cli {

class PinJob {
public:
    /// `activity` is for the progress line: "Signing". Throws Error as PinEntry does, and ServiceUnavailable.
    PinJob(const std::string& activity, const PinDescriptors& descriptors);

    client::Connection& session() { return session_; }

    client::DaemonState load_state();

    /// Registers as an agent. Throws Error(AgentUnavailable) where nothing can ask for a PIN.
    client::RequestOptions connect() { return {.agent = entry_.connect(session_)}; }

    /// For the job.
    std::function<void(const client::JobStatus&)> on_status();

    /// The job is done; what follows is the result.
    void finish() { progress_.set_paused(true); }

private:
    client::PollLoop loop_;
    SignalWatch signals_;
    ProgressLine progress_;
    client::SessionConnection session_;
    PinEntry entry_;
};

/// --pin-fd
CLI::Option* add_pin_fd(CLI::App& verb, PinDescriptors& descriptors, const char* what = "the PIN");
/// --pin-fd and --new-pin-fd, which need one another; `what` is what the first one gives.
void add_pin_and_new_pin_fd(CLI::App& verb, PinDescriptors& descriptors, const char* what,
                            const char* new_values);

} // namespace digisign::cli
