// SPDX-License-Identifier: LGPL-2.1-or-later
// The loop of a service's one stateful thread, and the way back to it from other threads.

#pragma once

#include "common/post_queue.hpp"
#include "sdbus/handles.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace digisign::sdbus {

class EventLoop {
public:
    using TimerId = std::uint64_t;

    /// Blocks SIGTERM and SIGINT in this thread and those it starts (so it comes first), and makes them end
    /// run().
    EventLoop();
    ~EventLoop();

    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    sd_event* handle() const { return event_.get(); }

    /// Until quit(), a signal, or the end of a connection that says so. Throws Error(Internal).
    void run();
    void quit();

    /// Runs `work` on the loop thread, soon, in the order of posting. Callable from any thread.
    void post(std::function<void()> work) { queue_.post(std::move(work)); }

    /// Runs `work` once, not before `delay` has passed. The id is never reused.
    TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work);
    /// No effect once it has run.
    void cancel_timer(TimerId timer);

private:
    struct Timer;

    static int on_posted(sd_event_source* source, int fd, std::uint32_t events, void* userdata) noexcept;
    static int on_timer(sd_event_source* source, std::uint64_t usec, void* userdata) noexcept;

    PostQueue queue_;
    EventPtr event_;
    EventSourcePtr posted_;
    EventSourcePtr terminate_;
    EventSourcePtr interrupt_;
    std::map<TimerId, std::unique_ptr<Timer>> timers_;
    TimerId last_timer_ = 0;
};

} // namespace digisign::sdbus
