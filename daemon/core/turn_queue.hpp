// SPDX-License-Identifier: LGPL-2.1-or-later
// Lets one at a time do something, and nobody wait behind another client's many.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/core/requester.hpp"
#include "daemon/core/task.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>

namespace digisign::core {

/// Whose turn it is goes round by client; the turns of one client come in the order in which they were asked
/// for.
class TurnQueue : public std::enable_shared_from_this<TurnQueue> {
public:
    explicit TurnQueue(LoopPoster& loop) : loop_(loop) {}

    /// Held while it is one's turn.
    class [[nodiscard]] Turn {
    public:
        explicit Turn(std::shared_ptr<TurnQueue> queue) : queue_(std::move(queue)) {}
        ~Turn() {
            if (queue_)
                queue_->leave();
        }
        Turn(Turn&&) noexcept = default;
        Turn& operator=(Turn&&) = delete;

    private:
        std::shared_ptr<TurnQueue> queue_;
    };

    /// Nobody has the turn or waits for it.
    bool idle() const { return !taken_ && waiting_.empty(); }

    Answer<Turn> wait(ClientId client);

private:
    struct Waiting {
        std::uint64_t ticket;
        ClientId client;
        std::function<void(Turn)> granted;
    };

    void leave();
    void grant_next();
    Turn take(ClientId client);

    LoopPoster& loop_;
    bool taken_ = false;
    std::list<Waiting> waiting_; ///< in the order of asking
    std::map<ClientId, std::uint64_t>
        last_turn_of_; ///< of those who wait or had one since the queue was idle
    std::uint64_t turns_ = 0;
    std::uint64_t tickets_ = 0;
};

} // namespace digisign::core
