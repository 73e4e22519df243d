// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/poll_loop.hpp"

#include "common/error.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace digisign::client {

namespace {

timespec until(Deadline deadline) {
    const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
    return {.tv_sec = seconds.count(), .tv_nsec = rest.count()};
}

} // namespace

PollLoop::Watch::Watch(PollLoop& loop, int fd, std::function<void()> ready)
    : loop_(loop), fd_(fd), ready_(std::move(ready)) {
    loop_.add(*this);
}

PollLoop::Watch::~Watch() {
    loop_.remove(*this);
}

bool PollLoop::Watch::dispatch(short revents) {
    if (revents == 0)
        return false;
    const auto ready = ready_; // it may end this watch
    ready();
    return true;
}

void PollLoop::add(Source& source) {
    entries_.push_back({&source, 0});
}

void PollLoop::remove(Source& source) {
    for (Entry& entry : entries_)
        if (entry.source == &source)
            entry.source = nullptr;
}

bool PollLoop::run_until(const std::function<bool()>& done, Deadline deadline) {
    for (;;) {
        throw_pending();
        if (done())
            return true;
        if (dispatch_all())
            continue;
        throw_pending();
        if (done())
            return true;
        if (Clock::now() >= deadline)
            return false;
        wait(deadline);
    }
}

void PollLoop::fail(std::exception_ptr exception) {
    if (!pending_)
        pending_ = std::move(exception);
}

bool PollLoop::dispatch_all() {
    bool more = false;
    // By index: a handler may add and remove sources.
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (Source* source = entries_[i].source)
            more |= source->dispatch(std::exchange(entries_[i].revents, short{0}));
    std::erase_if(entries_, [](const Entry& entry) { return entry.source == nullptr; });
    return more;
}

void PollLoop::wait(Deadline deadline) {
    std::vector<pollfd> descriptors;
    descriptors.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        descriptors.push_back(
            {.fd = entry.source->descriptor(), .events = entry.source->events(), .revents = 0});
        deadline = std::min(deadline, entry.source->wake_up());
    }
    const timespec timeout = deadline == no_deadline ? timespec{} : until(deadline);
    const int ready = ::ppoll(descriptors.data(), descriptors.size(),
                              deadline == no_deadline ? nullptr : &timeout, nullptr);
    if (ready < 0 && errno != EINTR)
        throw error_from_errno(errno, "cannot wait for events");
    if (ready <= 0)
        return;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        entries_[i].revents = descriptors[i].revents;
}

void PollLoop::throw_pending() {
    if (pending_)
        std::rethrow_exception(std::exchange(pending_, nullptr));
}

} // namespace digisign::client
