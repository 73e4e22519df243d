// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/outbox.hpp"

#include <utility>

namespace digisign::pcsc {

void Outbox::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (!loop_)
        return;
    loop_->post([self = shared_from_this(), run = std::move(work)] {
        if (!self->closed_)
            run();
    });
}

void Outbox::close() {
    closed_ = true;
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
}

} // namespace digisign::pcsc
