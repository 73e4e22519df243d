// SPDX-License-Identifier: LGPL-2.1-or-later
// How a thread that waits inside PC/SC is told to end.

#pragma once

#include <winscard.h>

#include <mutex>
#include <optional>
#include <stop_token>

namespace digisign::pcsc {

class StopSignal {
public:
    /// From any thread, once or more.
    void request() { source_.request_stop(); }
    bool requested() const { return source_.stop_requested(); }

    /// For waits that understand it: condition_variable_any, stop_callback.
    std::stop_token token() const { return source_.get_token(); }

    /// Marks, on the waiting thread, the time in which SCardCancel may be needed.
    class PcscWait {
    public:
        PcscWait(StopSignal& signal, SCARDCONTEXT context);
        ~PcscWait();

        PcscWait(const PcscWait&) = delete;
        PcscWait& operator=(const PcscWait&) = delete;

    private:
        StopSignal& signal_;
    };

    /// SCardCancel for a thread within a PcscWait. One that comes before the thread has really begun to wait
    /// is lost, so this has to be repeated until the thread has ended. May block while pcscd itself is
    /// stopped.
    void cancel_pcsc_wait();

private:
    std::stop_source source_;
    std::mutex mutex_;
    std::optional<SCARDCONTEXT> waiting_; ///< guarded by mutex_
};

} // namespace digisign::pcsc
