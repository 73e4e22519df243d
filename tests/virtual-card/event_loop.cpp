// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/event_loop.hpp"

#include "common/error.hpp"

#include <csignal>
#include <utility>

namespace digisign::virtual_card {

namespace {

void check(int result, const char* what) {
    if (result < 0)
        throw error_from_errno(-result, what);
}

class CallbackSource final : public EventLoop::Source {
public:
    CallbackSource(std::function<void()> callback, std::exception_ptr& thrown)
        : callback_(std::move(callback)), thrown_(thrown) {}
    ~CallbackSource() override { sd_event_source_disable_unref(source_); }
    CallbackSource(const CallbackSource&) = delete;
    CallbackSource& operator=(const CallbackSource&) = delete;

    static int on_io(sd_event_source* source, int, std::uint32_t, void* self) noexcept {
        return call(source, self);
    }
    static int on_time(sd_event_source* source, std::uint64_t, void* self) noexcept {
        return call(source, self);
    }

    sd_event_source** address() { return &source_; }

private:
    static int call(sd_event_source* source, void* self) noexcept {
        // The callback may end this very source.
        const std::function<void()> callback = static_cast<CallbackSource*>(self)->callback_;
        std::exception_ptr& thrown = static_cast<CallbackSource*>(self)->thrown_;
        try {
            callback();
        } catch (...) {
            thrown = std::current_exception();
            (void)sd_event_exit(sd_event_source_get_event(source), 1); // run() looks at the exception first
        }
        return 0;
    }

    std::function<void()> callback_;
    std::exception_ptr& thrown_; ///< of the loop, which outlives its sources
    sd_event_source* source_ = nullptr;
};

} // namespace

EventLoop::EventLoop() {
    sd_event* event = nullptr;
    check(sd_event_new(&event), "cannot make an event loop");
    event_.reset(event);
    for (const int number : {SIGINT, SIGTERM})
        check(sd_event_add_signal(event, nullptr, number, nullptr, nullptr), "cannot watch signals");
}

EventLoop::SourcePtr EventLoop::watch(int fd, std::uint32_t events, std::function<void()> on_ready) {
    auto source = std::make_unique<CallbackSource>(std::move(on_ready), thrown_);
    check(sd_event_add_io(event_.get(), source->address(), fd, events, CallbackSource::on_io, source.get()),
          "cannot watch a descriptor");
    return source;
}

EventLoop::SourcePtr EventLoop::after(std::chrono::microseconds delay, std::function<void()> on_elapsed) {
    auto source = std::make_unique<CallbackSource>(std::move(on_elapsed), thrown_);
    const auto microseconds = static_cast<std::uint64_t>(delay.count());
    check(sd_event_add_time_relative(event_.get(), source->address(), CLOCK_MONOTONIC, microseconds,
                                     /* accuracy= */ 1, CallbackSource::on_time, source.get()),
          "cannot set a timer");
    return source;
}

void EventLoop::run() {
    const int result = sd_event_loop(event_.get());
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    check(result, "the event loop failed");
}

void EventLoop::quit() {
    check(sd_event_exit(event_.get(), 0), "cannot end the event loop");
}

} // namespace digisign::virtual_card
