// SPDX-License-Identifier: LGPL-2.1-or-later
// The event loop as the core knows it.

#pragma once

#include "daemon/core/ports.hpp"
#include "sdbus/event_loop.hpp"

namespace digisign::bus {

class CoreEventLoop final : public core::EventLoop {
public:
    /// `loop` outlives this object.
    explicit CoreEventLoop(sdbus::EventLoop& loop) : loop_(loop) {}

    void post(std::function<void()> work) override { loop_.post(std::move(work)); }

    core::TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work) override {
        return static_cast<core::TimerId>(loop_.call_after(delay, std::move(work)));
    }

    void cancel_timer(core::TimerId timer) override { loop_.cancel_timer(static_cast<std::uint64_t>(timer)); }

private:
    sdbus::EventLoop& loop_;
};

} // namespace digisign::bus
