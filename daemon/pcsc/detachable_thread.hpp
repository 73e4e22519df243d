// SPDX-License-Identifier: LGPL-2.1-or-later
// A thread that works with PC/SC. SCardTransmit cannot be interrupted, so such a thread may have to be left
// behind.

#pragma once

#include "daemon/pcsc/stop_signal.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace digisign::pcsc {

class DetachableThread {
public:
    /// `body` may outlive whoever started it: it owns, or shares, all that it touches. It must not throw.
    DetachableThread(const std::string& name, std::function<void(StopSignal&)> body);

    /// Leaves the thread to itself if it has not ended; see join_all().
    ~DetachableThread();

    DetachableThread(DetachableThread&&) noexcept = default;
    DetachableThread& operator=(DetachableThread&&) = delete;

    void request_stop() { state_->signal.request(); }
    bool has_ended() const;

    /// Tells all of them to stop and waits until they have, for at most `patience`. Returns how many had to
    /// be left behind: they end by themselves when their reader returns.
    static std::size_t join_all(std::list<DetachableThread> threads, std::chrono::milliseconds patience);

private:
    struct State {
        StopSignal signal;
        std::mutex mutex;
        std::condition_variable changed;
        bool ended = false; ///< guarded by mutex
    };

    std::shared_ptr<State> state_; ///< shared with the thread
    std::thread thread_;
};

} // namespace digisign::pcsc
