// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/pin_pad.hpp"

#include <reader.h>

#include <array>
#include <span>

namespace digisign::pcsc {

namespace {

/// The answer to GET_FEATURE_REQUEST is a list of tag, length 4, control code (PC/SC part 10 section 2.2).
bool lists_feature(std::span<const std::uint8_t> features, std::uint8_t wanted) {
    constexpr std::size_t entry_size = 6;
    for (; features.size() >= entry_size; features = features.subspan(entry_size))
        if (features[0] == wanted)
            return true;
    return false;
}

} // namespace

core::PinPad find_pin_pad(Context& context, const core::ReaderName& reader) {
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    // Direct mode needs no card and, in pcsc-lite, excludes nobody.
    if (SCardConnect(context.handle(), reader.value.c_str(), SCARD_SHARE_DIRECT, 0, &handle, &protocol) !=
        SCARD_S_SUCCESS)
        return {};
    std::array<std::uint8_t, MAX_BUFFER_SIZE> features{};
    DWORD length = 0;
    const LONG result = SCardControl(handle, CM_IOCTL_GET_FEATURE_REQUEST, nullptr, 0, features.data(),
                                     features.size(), &length);
    (void)SCardDisconnect(handle, SCARD_LEAVE_CARD); // nothing was changed that could fail to be left
    if (result != SCARD_S_SUCCESS || length > features.size())
        return {};
    const std::span<const std::uint8_t> list(features.data(), length);
    return {.verify = lists_feature(list, FEATURE_VERIFY_PIN_DIRECT),
            .modify = lists_feature(list, FEATURE_MODIFY_PIN_DIRECT)};
}

} // namespace digisign::pcsc
