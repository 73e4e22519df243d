// SPDX-License-Identifier: LGPL-2.1-or-later
// The loop of the daemon's one stateful thread, on sd-event.

#pragma once

#include "common/post_queue.hpp"
#include "daemon/bus/sd_bus_ptr.hpp"
#include "daemon/core/ports.hpp"

#include <map>
#include <memory>

namespace digisign::bus {

class SdEventLoop final : public core::EventLoop {
public:
    /// Also arranges that SIGTERM and SIGINT, which must be blocked in every thread, end run().
    SdEventLoop();
    ~SdEventLoop() override;

    SdEventLoop(const SdEventLoop&) = delete;
    SdEventLoop& operator=(const SdEventLoop&) = delete;

    sd_event* handle() const { return event_.get(); }

    /// Until a signal, or until the session bus closes. Returns the exit status for main().
    int run();

    void post(std::function<void()> work) override;
    core::TimerId call_after(std::chrono::milliseconds delay, std::function<void()> work) override;
    void cancel_timer(core::TimerId timer) override;

private:
    struct Timer;

    static int on_wake(sd_event_source* source, int fd, std::uint32_t events, void* userdata) noexcept;
    static int on_timer(sd_event_source* source, std::uint64_t usec, void* userdata) noexcept;

    PostQueue queue_;
    EventPtr event_;
    EventSourcePtr wake_source_;
    EventSourcePtr terminate_source_;
    EventSourcePtr interrupt_source_;
    std::map<core::TimerId, std::unique_ptr<Timer>> timers_;
    std::uint64_t next_timer_ = 0;
};

} // namespace digisign::bus
