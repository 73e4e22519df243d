// SPDX-License-Identifier: LGPL-2.1-or-later
// Signals that end or stop the program, taken as events of the loop, so that everything is put in order
// first.

#pragma once

#include "client/poll_loop.hpp"
#include "common/unique_fd.hpp"

#include <csignal>
#include <exception>
#include <functional>
#include <optional>

namespace digisign::cli {

/// Thrown out of PollLoop::run_until() when a signal asks the program to end.
class Interrupted : public std::exception {
public:
    explicit Interrupted(int signal) : signal_(signal) {}

    int signal() const { return signal_; }
    const char* what() const noexcept override { return "interrupted by a signal"; }

private:
    int signal_;
};

/// Ends the program the way the signal would have, so that the shell sees why it ended.
[[noreturn]] void die_by(int signal);

/// While it exists, SIGINT, SIGTERM, SIGHUP and SIGQUIT make the loop throw Interrupted.
class SignalWatch {
public:
    explicit SignalWatch(client::PollLoop& loop);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    /// What to do before SIGTSTP (Ctrl-Z) stops the program and after it goes on; empty for nothing.
    void set_suspend_handlers(std::function<void()> before, std::function<void()> after);

private:
    void on_signal();
    void suspend();

    client::PollLoop& loop_;
    sigset_t previous_mask_{};
    UniqueFd fd_;
    std::optional<client::PollLoop::Watch> watch_;
    std::function<void()> before_suspend_;
    std::function<void()> after_suspend_;
};

} // namespace digisign::cli
