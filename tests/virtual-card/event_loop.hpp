// SPDX-License-Identifier: LGPL-2.1-or-later
// The one loop of the program: file descriptors, timers and the signals that end it.

#pragma once

#include <systemd/sd-event.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace digisign::virtual_card {

class EventLoop {
public:
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Ends the watch or the timer with its life.
    class Source {
    public:
        virtual ~Source() = default;
    };
    using SourcePtr = std::unique_ptr<Source>;

    /// SIGINT and SIGTERM end run(); both must be blocked in every thread.
    EventLoop();

    /// `events` as in epoll_ctl(2).
    SourcePtr watch(int fd, std::uint32_t events, std::function<void()> on_ready);
    SourcePtr after(std::chrono::microseconds delay, std::function<void()> on_elapsed);

    /// Until quit() or a signal. What a callback throws comes out here.
    void run();
    void quit();

private:
    struct Release {
        void operator()(sd_event* event) const { sd_event_unref(event); }
    };

    std::unique_ptr<sd_event, Release> event_;
    /// Thrown by a callback; exceptions must not pass through C, so it waits here until run() is back.
    std::exception_ptr thrown_;
};

} // namespace digisign::virtual_card
