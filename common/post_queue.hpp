// SPDX-License-Identifier: LGPL-2.1-or-later
// How other threads hand work to a loop: a queue and an eventfd that any event loop can watch.

#pragma once

#include "common/unique_fd.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace digisign {

/// The loop watches fd() for reading and then calls run(). Work that nobody ran is destroyed with the queue.
class PostQueue {
public:
    /// Throws Error(Internal) if there is no descriptor left.
    PostQueue();

    PostQueue(const PostQueue&) = delete;
    PostQueue& operator=(const PostQueue&) = delete;

    /// Readable while there is work.
    int fd() const { return event_.get(); }

    /// From any thread; never blocks for longer than another post() takes.
    void post(std::function<void()> work);

    /// On the loop thread: runs, in the order of posting, what was posted before the call. Work posted
    /// meanwhile waits for the next round, so that work which posts itself again cannot starve the loop. An
    /// exception that gets here is a defect: it is logged, and the rest still runs.
    void run() noexcept;

private:
    std::mutex mutex_;
    std::vector<std::function<void()>> queue_; ///< guarded by mutex_
    UniqueFd event_;
};

} // namespace digisign
