// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/context.hpp"

#include "daemon/pcsc/error_map.hpp"

#include <atomic>
#include <cstring>

namespace digisign::pcsc {

namespace {

std::atomic<std::size_t> contexts{0};

} // namespace

std::size_t Context::count() {
    return contexts;
}

Context::Context(StopSignal& stop) : stop_(stop) {
    const LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_);
    if (result != SCARD_S_SUCCESS)
        throw error_from_connecting(result, "use smart cards");
    ++contexts;
}

Context::~Context() {
    --contexts;
    (void)SCardReleaseContext(handle_); // fails when pcscd is gone, and then there is nothing left to release
}

std::vector<core::ReaderName> Context::list_readers() {
    for (;;) {
        DWORD length = 0;
        LONG result = SCardListReaders(handle_, nullptr, nullptr, &length);
        std::string names(length, '\0');
        if (result == SCARD_S_SUCCESS)
            result = SCardListReaders(handle_, nullptr, names.data(), &length);
        if (result == SCARD_E_INSUFFICIENT_BUFFER)
            continue; // a reader was added between the two calls
        if (result == SCARD_E_NO_READERS_AVAILABLE)
            return {};
        if (result != SCARD_S_SUCCESS)
            throw error_from_result(result, "list the smart card readers");

        // A multi-string: every name ends with a NUL, the list with an empty name.
        std::vector<core::ReaderName> readers;
        for (const char* name = names.c_str(); *name != '\0'; name += std::strlen(name) + 1)
            readers.push_back({name});
        return readers;
    }
}

LONG Context::wait_for_change(std::vector<SCARD_READERSTATE>& states, std::chrono::milliseconds timeout) {
    const StopSignal::PcscWait wait(stop_, handle_);
    if (stop_.requested())
        return SCARD_E_CANCELLED;
    return SCardGetStatusChange(handle_, static_cast<DWORD>(timeout.count()), states.data(), states.size());
}

ReaderStatus Context::status(const core::ReaderName& reader) {
    return wait_for_status(reader, ReaderStatus(SCARD_STATE_UNAWARE), std::chrono::milliseconds::zero())
        .value_or(ReaderStatus(SCARD_STATE_UNKNOWN));
}

std::optional<ReaderStatus> Context::wait_for_status(const core::ReaderName& reader, ReaderStatus last,
                                                     std::chrono::milliseconds timeout) {
    std::vector<SCARD_READERSTATE> states(1);
    states[0].szReader = reader.value.c_str();
    states[0].dwCurrentState = last.event_state();
    const LONG result = wait_for_change(states, timeout);
    if (result == SCARD_E_UNKNOWN_READER)
        return ReaderStatus(SCARD_STATE_UNKNOWN);
    if (result == SCARD_E_TIMEOUT || result == SCARD_E_CANCELLED)
        return std::nullopt;
    if (result != SCARD_S_SUCCESS)
        throw error_from_result(result, "watch the reader");
    return ReaderStatus(states[0].dwEventState);
}

} // namespace digisign::pcsc
