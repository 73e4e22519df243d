// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/pin_pad.hpp"

#include "common/error.hpp"

#include <winscard.h>

#include <reader.h>

#include <array>
#include <optional>

namespace digisign::pcsc {

namespace {

/// A question to the driver; nothing where it has no answer.
Bytes ask(SCARDHANDLE handle, std::optional<std::uint32_t> control_code) {
    if (!control_code)
        return {};
    std::array<std::uint8_t, MAX_BUFFER_SIZE> answer{};
    DWORD length = 0;
    const LONG result =
        SCardControl(handle, *control_code, nullptr, 0, answer.data(), answer.size(), &length);
    if (result != SCARD_S_SUCCESS || length > answer.size())
        return {};
    return {answer.data(), answer.data() + length};
}

/// Newer drivers tell more, in the form of TLV.
part10::Properties ask_properties(SCARDHANDLE handle, const part10::Features& features) {
    if (const Bytes list = ask(handle, features.get_tlv_properties); !list.empty())
        return part10::parse_tlv_properties(list);
    return part10::parse_pin_properties(ask(handle, features.ifd_pin_properties));
}

} // namespace

core::PinPad find_pin_pad(Context& context, const core::ReaderName& reader) {
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    // Direct mode needs no card and, in pcsc-lite, excludes nobody.
    if (SCardConnect(context.handle(), reader.value.c_str(), SCARD_SHARE_DIRECT, 0, &handle, &protocol) !=
        SCARD_S_SUCCESS)
        return {};
    const core::PinPad uses = PinPad(handle).uses();
    (void)SCardDisconnect(handle, SCARD_LEAVE_CARD); // nothing was changed that could fail to be left
    return uses;
}

PinPad::PinPad(SCARDHANDLE handle)
    : features_(part10::parse_features(ask(handle, std::uint32_t{CM_IOCTL_GET_FEATURE_REQUEST}))),
      properties_(ask_properties(handle, features_)) {}

core::PinPad PinPad::uses() const {
    return {.verify = features_.verify_pin_direct.has_value(),
            .modify = features_.modify_pin_direct.has_value()};
}

PinPad::Order PinPad::order(const iso7816::PinPadCommand& command) const {
    const auto control_code = command.sets_pin() ? features_.modify_pin_direct : features_.verify_pin_direct;
    if (!control_code)
        throw Error(ErrorCode::NotSupported,
                    "the reader has no keys for this; type on the computer's keyboard instead");
    part10::check(command, properties_);
    return {*control_code, part10::encode(command, properties_)};
}

} // namespace digisign::pcsc
