// SPDX-License-Identifier: LGPL-2.1-or-later
// Watches pcscd, the readers and the cards coming and going, in a thread of its own that sleeps in between.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/pcsc/detachable_thread.hpp"
#include "daemon/pcsc/outbox.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace digisign::pcsc {

/// Told on the loop thread, in this order for each reader: found, then (inserted or mute, removed)*, lost.
class MonitorEvents {
public:
    virtual ~MonitorEvents() = default;

    /// Available: after what was there at first has been reported.
    virtual void on_service_state(core::PcscState state, const std::string& message) = 0;
    virtual void on_reader_found(const core::ReaderName& reader) = 0;
    virtual void on_reader_lost(const core::ReaderName& reader) = 0;
    virtual void on_inserted(const core::ReaderName& reader) = 0;
    /// A card is there, but the reader gets no answer from it.
    virtual void on_mute(const core::ReaderName& reader) = 0;
    virtual void on_removed(const core::ReaderName& reader) = 0;
};

class ServiceWatch;

class ReaderMonitor {
public:
    struct Timing {
        /// pcscd's socket is there but nobody answers (it is just starting, or was killed and left it
        /// behind): first delay, doubled each time. After `connect_tries` only a change of the socket or
        /// retry() helps.
        std::chrono::milliseconds connect_retry{100};
        unsigned connect_tries = 5;

        /// polkit refused: first delay, doubled each time up to `denied_retry_max`.
        std::chrono::milliseconds denied_retry{1000};
        std::chrono::milliseconds denied_retry_max{std::chrono::minutes(5)};

        /// pcscd counts as up again, and the delays start anew, once it has run for this long.
        std::chrono::milliseconds proven_up{std::chrono::seconds(10)};

        /// After a change the list of readers is read once more after this long, since a reader that comes
        /// between the reading of the list and the beginning of the wait is not reported (before
        /// pcsc-lite 2.1).
        std::chrono::milliseconds settle{1000};
    };

    /// Starts at once. `events` must exist until `outbox` is closed.
    ReaderMonitor(std::shared_ptr<Outbox> outbox, MonitorEvents& events, std::filesystem::path service_socket,
                  Timing timing);

    /// Tries pcscd again now if it is not available.
    void retry();

    DetachableThread take_thread() && { return std::move(thread_); }

private:
    std::shared_ptr<ServiceWatch> watch_; ///< shared with the thread, which may outlive this object
    DetachableThread thread_;
};

} // namespace digisign::pcsc
