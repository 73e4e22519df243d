// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/event_loop.hpp"

#include "common/log.hpp"

#include <time.h>

#include <csignal>
#include <string>
#include <utility>

namespace digisign::bus {

struct SdEventLoop::Timer {
    SdEventLoop* loop = nullptr;
    core::TimerId id{};
    std::function<void()> work;
    EventSourcePtr source;
};

SdEventLoop::SdEventLoop() {
    sd_event* event = nullptr;
    check(sd_event_default(&event), "cannot set up the event loop");
    event_.reset(event);

    sd_event_source* source = nullptr;
    check(sd_event_add_io(event, &source, queue_.fd(), EPOLLIN, on_wake, this), "cannot watch the queue");
    wake_source_.reset(source);
    // Without a handler sd-event ends the loop with status 0, which is what is wanted.
    check(sd_event_add_signal(event, &source, SIGTERM, nullptr, nullptr), "cannot watch for SIGTERM");
    terminate_source_.reset(source);
    check(sd_event_add_signal(event, &source, SIGINT, nullptr, nullptr), "cannot watch for SIGINT");
    interrupt_source_.reset(source);
}

SdEventLoop::~SdEventLoop() = default;

int SdEventLoop::run() {
    return sd_event_loop(event_.get());
}

void SdEventLoop::post(std::function<void()> work) {
    queue_.post(std::move(work));
}

int SdEventLoop::on_wake(sd_event_source*, int, std::uint32_t, void* userdata) noexcept {
    static_cast<SdEventLoop*>(userdata)->queue_.run();
    return 0;
}

core::TimerId SdEventLoop::call_after(std::chrono::milliseconds delay, std::function<void()> work) {
    const auto id = static_cast<core::TimerId>(++next_timer_);
    auto timer = std::make_unique<Timer>();
    timer->loop = this;
    timer->id = id;
    timer->work = std::move(work);
    sd_event_source* source = nullptr;
    const auto usec = static_cast<std::uint64_t>(std::chrono::microseconds(delay).count());
    check(sd_event_add_time_relative(event_.get(), &source, CLOCK_MONOTONIC, usec, 0, on_timer, timer.get()),
          "cannot set a timer");
    timer->source.reset(source);
    timers_.emplace(id, std::move(timer));
    return id;
}

int SdEventLoop::on_timer(sd_event_source*, std::uint64_t, void* userdata) noexcept {
    auto* timer = static_cast<Timer*>(userdata);
    SdEventLoop* loop = timer->loop;
    const auto node = loop->timers_.extract(timer->id); // kept alive until its work is done
    try {
        timer->work();
    } catch (const std::exception& error) { // a defect; it must not unwind through sd-event
        log::error(std::string("the work of a timer failed: ") + error.what());
    }
    return 0;
}

void SdEventLoop::cancel_timer(core::TimerId timer) {
    timers_.erase(timer);
}

} // namespace digisign::bus
