// SPDX-License-Identifier: LGPL-2.1-or-later
// The driver as pcscd loads it: IFD handler 3.0 of pcsc-lite, for one reader with one slot.

#include "tests/pin-pad-reader/reader.hpp"

extern "C" { // the header does not say so itself
#include <ifdhandler.h>
}

#include <algorithm>
#include <cstdio>
#include <memory>

using digisign::Bytes;
using digisign::ByteView;

namespace {

using namespace digisign::pin_pad_reader;

// pcscd never calls a driver that does not claim to be thread-safe from two threads at once.
std::unique_ptr<Reader> reader;
Bytes answer_to_reset;

/// Exceptions stop here: the callers are C.
template <typename Function>
RESPONSECODE guarded(Function function) noexcept {
    try {
        return function();
    } catch (const NotSupported&) {
        return IFD_ERROR_NOT_SUPPORTED;
    } catch (const MalformedStructure& fault) {
        (void)std::fprintf(stderr, "pin pad: %s\n", fault.what()); // the log of pcscd
        return IFD_NOT_SUPPORTED;
    } catch (const std::exception& fault) {
        (void)std::fprintf(stderr, "pin pad: %s\n", fault.what());
        return IFD_COMMUNICATION_ERROR;
    }
}

RESPONSECODE give(const Bytes& answer, PUCHAR buffer, DWORD size, PDWORD length) {
    *length = 0;
    if (answer.size() > size)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    std::ranges::copy(answer, buffer);
    *length = answer.size();
    return IFD_SUCCESS;
}

RESPONSECODE give_octet(std::uint8_t value, PUCHAR buffer, PDWORD length) {
    return give({value}, buffer, *length, length);
}

} // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED RESPONSECODE IFDHCreateChannelByName(DWORD, LPSTR device) {
    return guarded([&] {
        reader = std::make_unique<Reader>(read_settings(device));
        return IFD_SUCCESS;
    });
}

EXPORTED RESPONSECODE IFDHCreateChannel(DWORD, DWORD) {
    return IFD_COMMUNICATION_ERROR; // a number does not say enough
}

EXPORTED RESPONSECODE IFDHCloseChannel(DWORD) {
    reader.reset();
    return IFD_SUCCESS;
}

EXPORTED RESPONSECODE IFDHGetCapabilities(DWORD, DWORD tag, PDWORD length, PUCHAR value) {
    switch (tag) {
    case TAG_IFD_ATR:
        return give(answer_to_reset, value, *length, length);
    case TAG_IFD_SLOTS_NUMBER:
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give_octet(1, value, length);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
        return give_octet(0, value, length);
    default:
        return IFD_ERROR_TAG;
    }
}

EXPORTED RESPONSECODE IFDHSetCapabilities(DWORD, DWORD, DWORD, PUCHAR) {
    return IFD_ERROR_TAG;
}

EXPORTED RESPONSECODE IFDHSetProtocolParameters(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR) {
    return IFD_SUCCESS; // APDUs travel whole
}

EXPORTED RESPONSECODE IFDHPowerICC(DWORD, DWORD action, PUCHAR atr, PDWORD length) {
    return guarded([&]() -> RESPONSECODE {
        *length = 0;
        answer_to_reset.clear();
        if (action == IFD_POWER_DOWN) {
            reader->slot().power_down();
            return IFD_SUCCESS;
        }
        const auto answer = action == IFD_RESET ? reader->slot().reset() : reader->slot().power_up();
        if (!answer || answer->empty())
            return IFD_ERROR_POWER_ACTION;
        answer_to_reset = *answer;
        return give(answer_to_reset, atr, MAX_ATR_SIZE, length);
    });
}

EXPORTED RESPONSECODE IFDHTransmitToICC(DWORD, SCARD_IO_HEADER send_header, PUCHAR command,
                                        DWORD command_length, PUCHAR buffer, PDWORD length,
                                        PSCARD_IO_HEADER receive_header) {
    return guarded([&]() -> RESPONSECODE {
        const DWORD size = *length;
        *length = 0;
        const auto answer = reader->slot().transmit({command, command_length});
        if (!answer)
            return IFD_COMMUNICATION_ERROR;
        *receive_header = send_header;
        return give(*answer, buffer, size, length);
    });
}

EXPORTED RESPONSECODE IFDHControl(DWORD, DWORD code, PUCHAR data, DWORD data_length, PUCHAR buffer,
                                  DWORD size, LPDWORD length) {
    return guarded([&]() -> RESPONSECODE {
        *length = 0;
        const auto answer = reader->control(static_cast<std::uint32_t>(code), ByteView(data, data_length));
        return answer ? give(*answer, buffer, size, length) : IFD_COMMUNICATION_ERROR;
    });
}

EXPORTED RESPONSECODE IFDHICCPresence(DWORD) {
    return guarded([] { return reader->slot().has_card() ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT; });
}
