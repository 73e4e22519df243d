// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/turn_queue.hpp"

#include <algorithm>

namespace digisign::core {

Answer<TurnQueue::Turn> TurnQueue::wait(ClientId client) {
    return Answer<Turn>([self = shared_from_this(), client](std::function<void(Turn)> granted) {
        if (self->idle()) {
            granted(self->take(client));
            return std::function<void()>();
        }
        const std::uint64_t ticket = ++self->tickets_;
        self->waiting_.push_back({ticket, client, std::move(granted)});
        return std::function<void()>([self, ticket] {
            self->waiting_.remove_if([ticket](const Waiting& waiting) { return waiting.ticket == ticket; });
        });
    });
}

TurnQueue::Turn TurnQueue::take(ClientId client) {
    taken_ = true;
    last_turn_of_[client] = ++turns_;
    return Turn(shared_from_this());
}

void TurnQueue::leave() {
    taken_ = false;
    if (waiting_.empty())
        last_turn_of_.clear();
    else // from the loop: whoever leaves is in the middle of something
        loop_.post([weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->grant_next();
        });
}

void TurnQueue::grant_next() {
    if (taken_ || waiting_.empty())
        return;
    const auto next = std::ranges::min_element(waiting_, {}, [this](const Waiting& waiting) {
        const auto last = last_turn_of_.find(waiting.client);
        return last == last_turn_of_.end() ? 0 : last->second;
    });
    const Waiting granted = std::move(*next);
    waiting_.erase(next);
    granted.granted(take(granted.client));
}

} // namespace digisign::core
