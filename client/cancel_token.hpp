// SPDX-License-Identifier: LGPL-2.1-or-later
// A request to give up that one thread makes and another one waits for.

#pragma once

#include "common/unique_fd.hpp"

#include <atomic>

namespace digisign::client {

class CancelToken {
public:
    /// Throws Error(Internal) when no descriptor is to be had.
    CancelToken();

    /// May be called on any thread and more than once.
    void cancel() noexcept;

    bool cancelled() const noexcept { return cancelled_; }

    /// Readable from cancel() on.
    int descriptor() const { return event_.get(); }

private:
    UniqueFd event_;
    std::atomic<bool> cancelled_{false};
};

} // namespace digisign::client
