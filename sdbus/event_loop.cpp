// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sdbus/event_loop.hpp"

#include "common/log.hpp"

#include <time.h>

#include <csignal>
#include <string>
#include <utility>

namespace digisign::sdbus {

struct EventLoop::Timer {
    EventLoop* loop = nullptr;
    TimerId id = 0;
    std::function<void()> work;
    EventSourcePtr source;
};

EventLoop::EventLoop() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, nullptr); // fails only for a wrong first argument

    constexpr std::string_view doing = "cannot set up the event loop";
    sd_event* event = nullptr;
    check(sd_event_new(&event), doing);
    event_.reset(event);
    sd_event_source* source = nullptr;
    check(sd_event_add_io(event, &source, queue_.fd(), EPOLLIN, on_posted, this), doing);
    posted_.reset(source);
    // Without a handler a signal ends the loop.
    check(sd_event_add_signal(event, &source, SIGTERM, nullptr, nullptr), doing);
    terminate_.reset(source);
    check(sd_event_add_signal(event, &source, SIGINT, nullptr, nullptr), doing);
    interrupt_.reset(source);
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
    check(sd_event_loop(event_.get()), "the event loop failed");
}

void EventLoop::quit() {
    check(sd_event_exit(event_.get(), 0), "cannot end the event loop");
}

int EventLoop::on_posted(sd_event_source*, int, std::uint32_t, void* userdata) noexcept {
    static_cast<EventLoop*>(userdata)->queue_.run();
    return 0;
}

EventLoop::TimerId EventLoop::call_after(std::chrono::milliseconds delay, std::function<void()> work) {
    auto timer = std::make_unique<Timer>();
    timer->loop = this;
    timer->id = ++last_timer_;
    timer->work = std::move(work);
    sd_event_source* source = nullptr;
    const auto usec = static_cast<std::uint64_t>(std::chrono::microseconds(delay).count());
    check(sd_event_add_time_relative(event_.get(), &source, CLOCK_MONOTONIC, usec, 0, on_timer, timer.get()),
          "cannot set a timer");
    timer->source.reset(source);
    timers_.emplace(last_timer_, std::move(timer));
    return last_timer_;
}

void EventLoop::cancel_timer(TimerId timer) {
    timers_.erase(timer);
}

int EventLoop::on_timer(sd_event_source*, std::uint64_t, void* userdata) noexcept {
    auto* timer = static_cast<Timer*>(userdata);
    const auto node = timer->loop->timers_.extract(timer->id); // kept alive until its work is done
    try {
        timer->work();
    } catch (const std::exception& error) { // a defect; it must not unwind through sd-event
        log::error(std::string("the work of a timer failed: ") + error.what());
    }
    return 0;
}

} // namespace digisign::sdbus
