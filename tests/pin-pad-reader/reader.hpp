// SPDX-License-Identifier: LGPL-2.1-or-later
// A reader with a slot and keys; what pcscd asks of its driver, in terms of bytes.

#pragma once

#include "tests/pin-pad-reader/card_slot.hpp"
#include "tests/pin-pad-reader/keypad.hpp"
#include "tests/pin-pad-reader/settings.hpp"

#include <cstdint>
#include <optional>

namespace digisign::pin_pad_reader {

/// The program asked for something that this reader has not got.
class NotSupported : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Reader {
public:
    explicit Reader(Settings settings) : settings_(std::move(settings)), slot_(settings_.port) {}

    CardSlot& slot() { return slot_; }

    /// SCardControl(). Nothing without a card; throws NotSupported, MalformedStructure.
    std::optional<Bytes> control(std::uint32_t code, ByteView data);

private:
    /// Tag, length, control code of each feature.
    Bytes features() const;
    Bytes pin_properties() const;
    Bytes tlv_properties() const;
    bool has(const char* feature) const { return settings_.features.contains(feature); }

    std::optional<Bytes> enter_pin(std::string_view feature, ByteView structure,
                                   PinEntry (*read)(ByteView, const PinPadLimits&));
    std::optional<Bytes> outcome(const PinEntry& entry, const KeyedIn& keyed_in);

    Settings settings_;
    CardSlot slot_;
};

} // namespace digisign::pin_pad_reader
