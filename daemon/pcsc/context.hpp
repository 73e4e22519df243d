// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection to pcscd. Each thread has its own: two threads on one context can stall calls on a third.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/pcsc/stop_signal.hpp"

#include <winscard.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace digisign::pcsc {

/// What SCardGetStatusChange tells of one reader.
class ReaderStatus {
public:
    /// `event_state` is dwEventState: flags, and pcsc-lite's event counter in the upper half.
    explicit ReaderStatus(DWORD event_state)
        : state_(event_state & ~static_cast<DWORD>(SCARD_STATE_CHANGED)) {}

    /// For dwCurrentState: "tell me when it is no longer so".
    DWORD event_state() const { return state_; }

    bool card_present() const { return (state_ & SCARD_STATE_PRESENT) != 0; }
    /// Present, but did not answer to the reset.
    bool card_mute() const { return (state_ & SCARD_STATE_MUTE) != 0; }
    bool reader_gone() const { return (state_ & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0; }

    /// Counted up by pcscd at every insertion and removal: tells one card from the next in the same reader.
    std::uint16_t event_count() const { return static_cast<std::uint16_t>(state_ >> 16); }

private:
    DWORD state_;
};

class Context {
public:
    /// Connects to pcscd, which starts it where systemd listens on its socket. Throws Error: PcscUnavailable,
    /// PcscAccessDenied, LimitExceeded.
    explicit Context(StopSignal& stop);
    ~Context();

    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// All of this process. Each is one connection to pcscd's socket.
    static std::size_t count();

    SCARDCONTEXT handle() const { return handle_; }

    /// Throws Error(PcscUnavailable).
    std::vector<core::ReaderName> list_readers();

    /// SCardGetStatusChange, ended early with SCARD_E_CANCELLED when a stop is requested.
    LONG wait_for_change(std::vector<SCARD_READERSTATE>& states, std::chrono::milliseconds timeout);

    /// Without waiting. Throws Error(PcscUnavailable).
    ReaderStatus status(const core::ReaderName& reader);

    /// Waits until the status is no longer `last`; empty after `timeout` or a stop. Throws
    /// Error(PcscUnavailable).
    std::optional<ReaderStatus> wait_for_status(const core::ReaderName& reader, ReaderStatus last,
                                                std::chrono::milliseconds timeout);

private:
    StopSignal& stop_;
    SCARDCONTEXT handle_ = 0;
};

} // namespace digisign::pcsc
