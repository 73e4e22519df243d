// SPDX-License-Identifier: LGPL-2.1-or-later
// What a worker thread is in the middle of, for the loop to look at when a deadline has passed.

#pragma once

#include "common/error.hpp"

#include <atomic>

namespace digisign::pcsc {

/// Written by the worker, read by the loop.
class Progress {
public:
    enum class Phase {
        Idle,
        Connecting,     ///< pcscd switches the card on, or waits for another program's transaction
        WaitingForTurn, ///< another program has a transaction
        Exchanging,     ///< a command may be with the card
        WaitingForKeys, ///< a person may be typing on the reader
    };

    Phase phase() const { return phase_.load(); }

    /// Sets a phase for as long as it lives.
    class Step {
    public:
        Step(Progress& progress, Phase phase)
            : progress_(progress), before_(progress.phase_.exchange(phase)) {}
        ~Step() { progress_.phase_ = before_; }

        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        Progress& progress_;
        Phase before_;
    };

private:
    std::atomic<Phase> phase_{Phase::Idle};
};

/// Set by the loop when nobody waits for a request any more; looked at by the worker before each step that
/// counts.
class Withdrawal {
public:
    void withdraw() { withdrawn_ = true; }
    bool is_withdrawn() const { return withdrawn_; }

    /// Throws Error(Cancelled).
    void check() const {
        if (withdrawn_)
            throw Error(ErrorCode::Cancelled, "the request was withdrawn");
    }

private:
    std::atomic<bool> withdrawn_{false};
};

} // namespace digisign::pcsc
