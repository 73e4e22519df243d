// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/reader.hpp"

#include <reader.h>

#include <cstdio>

namespace digisign::pin_pad_reader {

namespace {

/// How long a reader waits that is not told.
constexpr std::chrono::seconds default_timeout{30};

struct Feature {
    const char* name;
    std::uint8_t tag;
};

constexpr Feature known_features[] = {
    {"verify", FEATURE_VERIFY_PIN_DIRECT},
    {"modify", FEATURE_MODIFY_PIN_DIRECT},
    {"pin-properties", FEATURE_IFD_PIN_PROPERTIES},
    {"tlv-properties", FEATURE_GET_TLV_PROPERTIES},
};

/// Each driver has control codes of its own; these are like no other driver's, lest somebody relies on those.
constexpr std::uint32_t control_code(std::uint8_t feature) {
    return SCARD_CTL_CODE(0x5100U + feature);
}

Bytes status_word(std::uint16_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value & 0xFF)};
}

} // namespace

std::optional<Bytes> Reader::control(std::uint32_t code, ByteView data) {
    if (code == CM_IOCTL_GET_FEATURE_REQUEST)
        return features();
    for (const Feature& feature : known_features) {
        if (code != control_code(feature.tag) || !has(feature.name))
            continue;
        switch (feature.tag) {
        case FEATURE_VERIFY_PIN_DIRECT:
            return enter_pin(feature.name, data, read_verify_structure);
        case FEATURE_MODIFY_PIN_DIRECT:
            return enter_pin(feature.name, data, read_modify_structure);
        case FEATURE_IFD_PIN_PROPERTIES:
            return pin_properties();
        default:
            return tlv_properties();
        }
    }
    throw NotSupported("unknown control code");
}

Bytes Reader::features() const {
    Bytes list;
    for (const Feature& feature : known_features) {
        if (!has(feature.name))
            continue;
        const std::uint32_t code = control_code(feature.tag);
        append(list,
               Bytes{feature.tag, 4, static_cast<std::uint8_t>(code >> 24),
                     static_cast<std::uint8_t>(code >> 16 & 0xFF),
                     static_cast<std::uint8_t>(code >> 8 & 0xFF), static_cast<std::uint8_t>(code & 0xFF)});
    }
    return list;
}

Bytes Reader::pin_properties() const {
    // wLcdLayout: no display; bTimeOut2: one time-out only.
    return {0x00, 0x00, settings_.limits.entry_conditions, 0x00};
}

Bytes Reader::tlv_properties() const {
    const std::string_view firmware = "DigiSign TEST";
    Bytes list{PCSCv2_PART10_PROPERTY_wLcdLayout, 2, 0x00, 0x00};
    append(list,
           Bytes{PCSCv2_PART10_PROPERTY_bEntryValidationCondition, 1, settings_.limits.entry_conditions});
    append(list, Bytes{PCSCv2_PART10_PROPERTY_bTimeOut2, 1, 0x00});
    append(list, Bytes{PCSCv2_PART10_PROPERTY_sFirmwareID, static_cast<std::uint8_t>(firmware.size())});
    append(list, as_bytes(firmware));
    append(list, Bytes{PCSCv2_PART10_PROPERTY_bMinPINSize, 1, settings_.limits.min_length});
    append(list, Bytes{PCSCv2_PART10_PROPERTY_bMaxPINSize, 1, settings_.limits.max_length});
    return list;
}

std::optional<Bytes> Reader::enter_pin(std::string_view feature, ByteView structure,
                                       PinEntry (*read)(ByteView, const PinPadLimits&)) {
    PinEntry entry;
    try {
        entry = read(structure, settings_.limits);
    } catch (const InvalidParameter& fault) {
        (void)std::fprintf(stderr, "pin pad: refused to %.*s: %s\n", static_cast<int>(feature.size()),
                           feature.data(), fault.what()); // the log of pcscd; the status word says it too
        return status_word(status::invalid_parameter);
    }
    if (!slot_.has_card())
        return std::nullopt;
    Keypad keypad(settings_.keypad, feature, structure);
    const auto timeout = entry.timeout.count() != 0 ? entry.timeout : default_timeout;
    std::optional<Bytes> answer = outcome(entry, keypad.wait(entry.values_to_type(), timeout, slot_.fd()));
    keypad.finish(answer ? to_hex(*answer) : "");
    return answer;
}

std::optional<Bytes> Reader::outcome(const PinEntry& entry, const KeyedIn& keyed_in) {
    if (const auto* event = std::get_if<KeyEvent>(&keyed_in)) {
        switch (*event) {
        case KeyEvent::Cancelled:
            return status_word(status::cancelled);
        case KeyEvent::TimedOut:
            return status_word(status::timed_out);
        case KeyEvent::CardPulled:
            return std::nullopt;
        }
    }
    const auto command = complete_command(entry, std::get<std::vector<std::string>>(keyed_in));
    if (const auto* refused = std::get_if<std::uint16_t>(&command))
        return status_word(*refused);
    return slot_.transmit(std::get<Bytes>(command));
}

} // namespace digisign::pin_pad_reader
