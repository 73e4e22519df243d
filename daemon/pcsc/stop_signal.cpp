// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/stop_signal.hpp"

namespace digisign::pcsc {

StopSignal::PcscWait::PcscWait(StopSignal& signal, SCARDCONTEXT context) : signal_(signal) {
    const std::lock_guard lock(signal_.mutex_);
    signal_.waiting_ = context;
}

StopSignal::PcscWait::~PcscWait() {
    const std::lock_guard lock(signal_.mutex_);
    signal_.waiting_.reset();
}

void StopSignal::cancel_pcsc_wait() {
    std::optional<SCARDCONTEXT> context;
    {
        const std::lock_guard lock(mutex_);
        context = waiting_;
    }
    // Not under the lock: SCardCancel talks to pcscd, and the wait may end meanwhile. A context that was
    // released by then is refused as an invalid handle.
    if (context)
        (void)SCardCancel(*context);
}

} // namespace digisign::pcsc
