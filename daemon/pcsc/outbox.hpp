// SPDX-License-Identifier: LGPL-2.1-or-later
// The way from the threads of this folder to the loop, which may be closed while threads still hang in a
// reader.

#pragma once

#include "daemon/core/ports.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace digisign::pcsc {

/// Shared by the reader service and its threads, because a thread may outlive the service.
class Outbox : public std::enable_shared_from_this<Outbox> {
public:
    explicit Outbox(core::LoopPoster& loop) : loop_(&loop) {}

    /// From any thread. Work that the loop has not run when close() is called never runs.
    void post(std::function<void()> work);

    /// On the loop thread: from now on neither the loop nor the owner of what was posted is touched.
    void close();

private:
    std::mutex mutex_;
    core::LoopPoster* loop_; ///< guarded by mutex_; null once closed
    bool closed_ = false;    ///< for the loop thread alone, which need not wait for one that is posting
};

} // namespace digisign::pcsc
