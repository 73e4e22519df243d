// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/detachable_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace digisign::pcsc {

namespace {

using Clock = std::chrono::steady_clock;

/// An SCardCancel that came too early is repeated after this long.
constexpr std::chrono::milliseconds cancel_interval{10};

} // namespace

DetachableThread::DetachableThread(const std::string& name, std::function<void(StopSignal&)> body)
    : state_(std::make_shared<State>()), thread_([state = state_, run = std::move(body)]() mutable {
          run(state->signal);
          run = nullptr; // what the body shares is let go before anybody is told that it has ended
          const std::lock_guard lock(state->mutex);
          state->ended = true;
          state->changed.notify_all();
      }) {
    (void)::pthread_setname_np(thread_.native_handle(),
                               name.substr(0, 15).c_str()); // for top(1) and debuggers only
}

DetachableThread::~DetachableThread() {
    if (!thread_.joinable())
        return;
    if (has_ended())
        thread_.join();
    else
        thread_.detach();
}

bool DetachableThread::has_ended() const {
    const std::lock_guard lock(state_->mutex);
    return state_->ended;
}

std::size_t DetachableThread::join_all(std::list<DetachableThread> threads,
                                       std::chrono::milliseconds patience) {
    if (threads.empty())
        return 0;
    const auto deadline = Clock::now() + patience;
    std::vector<std::shared_ptr<State>> states;
    for (const DetachableThread& thread : threads) {
        thread.state_->signal.request();
        states.push_back(thread.state_);
    }

    // In a thread of its own, since SCardCancel, too, hangs while pcscd is stopped (SIGSTOP, debugger).
    DetachableThread canceller("pcsc-cancel", [states, deadline](StopSignal&) {
        for (const auto& state : states) {
            std::unique_lock lock(state->mutex);
            while (!state->ended && Clock::now() < deadline) {
                lock.unlock();
                for (const auto& each : states)
                    each->signal.cancel_pcsc_wait();
                lock.lock();
                state->changed.wait_for(lock, cancel_interval, [&] { return state->ended; });
            }
        }
    });

    const auto wait_for_end = [deadline](const std::shared_ptr<State>& state) {
        std::unique_lock lock(state->mutex);
        return state->changed.wait_until(lock, deadline, [&] { return state->ended; });
    };
    const auto left_behind =
        std::ranges::count_if(states, [&](const auto& state) { return !wait_for_end(state); });
    (void)wait_for_end(canceller.state_);
    return static_cast<std::size_t>(left_behind);
}

} // namespace digisign::pcsc
