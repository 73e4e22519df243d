// SPDX-License-Identifier: LGPL-2.1-or-later
// A loop over poll(2) for programs and threads without one of their own.

#pragma once

#include <poll.h>

#include <chrono>
#include <exception>
#include <functional>
#include <vector>

namespace digisign::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

inline constexpr Deadline no_deadline = Deadline::max();

/// Belongs to one thread, as do all its sources.
class PollLoop {
public:
    /// Something that has a descriptor, a point in time, or both to wait for.
    class Source {
    public:
        virtual ~Source() = default;

        /// What to wait for; a negative descriptor is none.
        virtual int descriptor() const = 0;
        virtual short events() const = 0;
        virtual Deadline wake_up() const = 0;
        /// Does what is due without blocking. `revents` as of poll(2). Returns whether there may be more to
        /// do at once.
        virtual bool dispatch(short revents) = 0;
    };

    /// Calls `ready` whenever the descriptor is readable or hung up, as long as it exists.
    class Watch : private Source {
    public:
        Watch(PollLoop& loop, int fd, std::function<void()> ready);
        ~Watch() override;
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        int descriptor() const override { return fd_; }
        short events() const override { return POLLIN; }
        Deadline wake_up() const override { return no_deadline; }
        bool dispatch(short revents) override;

        PollLoop& loop_;
        int fd_;
        std::function<void()> ready_;
    };

    PollLoop() = default;
    PollLoop(const PollLoop&) = delete;
    PollLoop& operator=(const PollLoop&) = delete;

    void add(Source& source);
    void remove(Source& source);

    /// Serves the sources until `done` holds (true) or the deadline has passed (false).
    bool run_until(const std::function<bool()>& done, Deadline deadline = no_deadline);

    /// Makes the current or next run_until() throw: for callbacks, through which no exception may pass.
    void fail(std::exception_ptr exception);

private:
    struct Entry {
        Source* source; ///< null once removed; the entry goes at the next turn
        short revents;
    };

    bool dispatch_all();
    void wait(Deadline deadline);
    void throw_pending();

    std::vector<Entry> entries_;
    std::exception_ptr pending_;
};

} // namespace digisign::client
