// SPDX-License-Identifier: LGPL-2.1-or-later
// An event loop for tests: posts come from real threads, time passes only when the test says so.

#pragma once

#include "common/post_queue.hpp"
#include "daemon/core/ports.hpp"

#include <poll.h>

#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

namespace digisign::fakes {

class TestLoop final : public core::EventLoop {
public:
    void post(std::function<void()> work) override { queue_.post(std::move(work)); }

    core::TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work) override {
        const core::TimerId id{++last_timer_};
        timers_.emplace(id, Timer{now_ + delay, std::move(work)});
        return id;
    }

    void cancel_timer(core::TimerId timer) override { timers_.erase(timer); }

    std::size_t timers() const { return timers_.size(); }

    /// Runs what other threads post until `done`; throws when that takes too long, in real time.
    void run_until(const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done()) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            pollfd ready{queue_.fd(), POLLIN, 0};
            // 10 ms: `done` may look at other things than what is posted.
            if (left.count() <= 0)
                throw std::runtime_error("what the test waits for does not happen");
            (void)::poll(&ready, 1, 10);
            queue_.run();
        }
    }

    /// Lets time pass and runs the timers that are due, in their order.
    void advance(std::chrono::milliseconds time) {
        const std::chrono::milliseconds target = now_ + time;
        for (;;) {
            auto next = timers_.end();
            for (auto timer = timers_.begin(); timer != timers_.end(); ++timer)
                if (timer->second.due <= target &&
                    (next == timers_.end() || timer->second.due < next->second.due))
                    next = timer;
            if (next == timers_.end())
                break;
            now_ = next->second.due;
            const auto work = std::move(next->second.work);
            timers_.erase(next);
            work();
        }
        now_ = target;
    }

private:
    struct Timer {
        std::chrono::milliseconds due;
        std::function<void()> work;
    };

    PostQueue queue_;
    std::chrono::milliseconds now_{0};
    std::map<core::TimerId, Timer> timers_;
    std::uint64_t last_timer_ = 0;
};

} // namespace digisign::fakes
