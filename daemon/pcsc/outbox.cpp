// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/outbox.hpp"

#include <utility>

namespace digisign::pcsc {

void Outbox::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (!loop_)
        return;
    loop_->post([self = shared_from_this(), run = std::move(work)] {
        // Only the loop thread closes, and this is it: the answer cannot change while `run` runs.
        const bool open = [&] {
            const std::lock_guard check(self->mutex_);
            return self->loop_ != nullptr;
        }();
        if (open)
            run();
    });
}

void Outbox::close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
}

} // namespace digisign::pcsc
