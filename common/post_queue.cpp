// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/post_queue.hpp"

#include "common/error.hpp"
#include "common/log.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace digisign {

PostQueue::PostQueue() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_)
        throw Error(ErrorCode::Internal, "cannot create an eventfd, errno " + std::to_string(errno));
}

void PostQueue::post(std::function<void()> work) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(work));
        first = queue_.size() == 1;
    }
    // The loop, once woken, must not find the queue locked. It may have emptied it already, and looks in vain.
    if (first)
        (void)::eventfd_write(event_.get(), 1); // fails only at 2^64-2 unread posts
}

void PostQueue::run() noexcept {
    std::vector<std::function<void()>> batch;
    {
        const std::lock_guard lock(mutex_);
        batch.swap(queue_);
        eventfd_t count = 0;
        (void)::eventfd_read(event_.get(), &count); // EAGAIN if called without need
    }
    for (auto& work : batch) {
        try {
            work();
        } catch (const std::exception& error) {
            log::error(std::string("work posted to the loop failed: ") + error.what());
        }
        work = nullptr; // what it holds goes now, not when the last of the batch is done
    }
}

} // namespace digisign
