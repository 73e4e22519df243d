// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/part10.hpp"

#include "common/error.hpp"

#include <winscard.h>

#include <reader.h>

#include <algorithm>
#include <string>

namespace digisign::pcsc::part10 {

namespace {

using iso7816::PinLengths;
using iso7816::PinPadCommand;

// bmFormatString: positions are in bytes, the PIN begins where the data does, justified to the left, ASCII.
constexpr std::uint8_t format_bytes = 0x80;
constexpr std::uint8_t format_ascii = 0x02;

/// bmPINBlockString has four bits for the length of the block.
constexpr std::size_t block_length_max = 15;

/// bEntryValidationCondition: the key that ends the entry. A PIN of the greatest length must not end it, or a
/// slip could not be corrected any more; nor must the time.
constexpr std::uint8_t ends_with_key = 0x02;

// bConfirmPIN: ask for the present value, and for the new one twice.
constexpr std::uint8_t confirm_new_pin = 0x01;
constexpr std::uint8_t ask_present_pin = 0x02;

// bNumberMessage and bMsgIndex: the messages of the reader, which are "enter PIN", "enter the new PIN" and
// "enter it again".
constexpr std::uint8_t no_message = 0x00;
constexpr std::uint8_t default_messages = 0xFF;
constexpr std::uint8_t verify_messages = 1;
constexpr std::uint8_t modify_messages = 3;
constexpr std::uint8_t message_pin = 0;
constexpr std::uint8_t message_new_pin = 1;
constexpr std::uint8_t message_repeat = 2;

/// English (United States), which every reader with texts has.
constexpr std::uint16_t language = 0x0409;

std::uint16_t read_le16(ByteView bytes) {
    return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

std::string digits(std::size_t count) {
    return std::to_string(count) + " digits";
}

std::uint8_t seconds_of(const PinPadCommand& command) {
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(command.timeout.count(), 1, 255));
}

std::uint8_t second_timeout_of(const PinPadCommand& command, const Properties& properties) {
    return properties.has_second_timeout == true ? seconds_of(command) : std::uint8_t{0};
}

std::uint8_t messages_of(const Properties& properties, std::uint8_t count) {
    if (!properties.has_display)
        return default_messages;
    return *properties.has_display ? count : no_message;
}

/// 0xXXYY, minimum and maximum.
std::uint16_t extra_digits(PinLengths lengths) {
    return static_cast<std::uint16_t>(lengths.min << 8 | lengths.max);
}

/// The fixed fields, and behind them, as abData, the command.
template <class Structure>
Bytes with_command(Structure& structure, const PinPadCommand& command) {
    const Bytes data = command.filled();
    structure.ulDataLength = static_cast<std::uint32_t>(data.size());
    const auto* fields = reinterpret_cast<const std::uint8_t*>(&structure);
    Bytes result(fields, fields + sizeof structure);
    append(result, data);
    return result;
}

// The byte order is the machine's: drivers find it out by ulDataLength (libccid since 1.4.1; HOST_TO_CCID in
// reader.h does nothing any more).

Bytes encode_verify(const PinPadCommand& command, const Properties& properties) {
    PIN_VERIFY_STRUCTURE structure{};
    static_assert(sizeof structure == 19);
    structure.bTimerOut = seconds_of(command);
    structure.bTimerOut2 = second_timeout_of(command, properties);
    structure.bmFormatString = format_bytes | format_ascii;
    structure.bmPINBlockString = static_cast<std::uint8_t>(command.block_length());
    structure.wPINMaxExtraDigit = extra_digits(command.lengths());
    structure.bEntryValidationCondition = ends_with_key;
    structure.bNumberMessage = messages_of(properties, verify_messages);
    structure.wLangId = language;
    structure.bMsgIndex = message_pin;
    return with_command(structure, command);
}

Bytes encode_modify(const PinPadCommand& command, const Properties& properties) {
    PIN_MODIFY_STRUCTURE structure{};
    static_assert(sizeof structure == 24);
    structure.bTimerOut = seconds_of(command);
    structure.bTimerOut2 = second_timeout_of(command, properties);
    structure.bmFormatString = format_bytes | format_ascii;
    structure.bmPINBlockString = static_cast<std::uint8_t>(command.block_length());
    // Without blocks both are 0, and the new value follows the present one.
    structure.bInsertionOffsetOld = 0;
    structure.bInsertionOffsetNew = static_cast<std::uint8_t>(command.block_length());
    structure.wPINMaxExtraDigit = extra_digits(command.lengths());
    structure.bConfirmPIN = confirm_new_pin | ask_present_pin;
    structure.bEntryValidationCondition = ends_with_key;
    structure.bNumberMessage = messages_of(properties, modify_messages);
    structure.wLangId = language;
    structure.bMsgIndex1 = message_pin;
    structure.bMsgIndex2 = message_new_pin;
    structure.bMsgIndex3 = message_repeat;
    return with_command(structure, command);
}

} // namespace

Features parse_features(ByteView list) {
    Features features;
    // Tag, length 4, control code; that one, unlike everything else, in the order of the network.
    constexpr std::size_t entry_size = 6;
    for (; list.size() >= entry_size; list = list.subspan(entry_size)) {
        const std::uint32_t code = static_cast<std::uint32_t>(list[2]) << 24 |
                                   static_cast<std::uint32_t>(list[3]) << 16 |
                                   static_cast<std::uint32_t>(list[4]) << 8 | list[5];
        switch (list[0]) {
        case FEATURE_VERIFY_PIN_DIRECT:
            features.verify_pin_direct = code;
            break;
        case FEATURE_MODIFY_PIN_DIRECT:
            features.modify_pin_direct = code;
            break;
        case FEATURE_IFD_PIN_PROPERTIES:
            features.ifd_pin_properties = code;
            break;
        case FEATURE_GET_TLV_PROPERTIES:
            features.get_tlv_properties = code;
            break;
        default: // a feature we have no use for
            break;
        }
    }
    return features;
}

Properties parse_pin_properties(ByteView structure) {
    Properties properties;
    if (structure.size() < sizeof(PIN_PROPERTIES_STRUCTURE))
        return properties;
    properties.has_display = read_le16(structure) != 0;
    properties.entry_conditions = structure[2];
    properties.has_second_timeout = structure[3] != 0;
    return properties;
}

Properties parse_tlv_properties(ByteView list) {
    Properties properties;
    while (list.size() >= 2 && list.size() - 2 >= list[1]) {
        const std::uint8_t tag = list[0];
        const ByteView value = list.subspan(2, list[1]);
        list = list.subspan(2 + value.size());
        if (value.empty())
            continue;
        switch (tag) {
        case PCSCv2_PART10_PROPERTY_wLcdLayout:
            if (value.size() == 2)
                properties.has_display = read_le16(value) != 0;
            break;
        case PCSCv2_PART10_PROPERTY_bEntryValidationCondition:
            properties.entry_conditions = value[0];
            break;
        case PCSCv2_PART10_PROPERTY_bTimeOut2:
            properties.has_second_timeout = value[0] != 0;
            break;
        case PCSCv2_PART10_PROPERTY_bMinPINSize:
            properties.min_pin_size = value[0];
            break;
        case PCSCv2_PART10_PROPERTY_bMaxPINSize:
            properties.max_pin_size = value[0];
            break;
        default: // a property we have no use for
            break;
        }
    }
    return properties;
}

void check(const PinPadCommand& command, const Properties& properties) {
    const auto refuse = [](const std::string& why) -> void {
        throw Error(ErrorCode::NotSupported, why + "; type it on the computer's keyboard instead");
    };
    const PinLengths lengths = command.lengths();
    if (command.block_length() > block_length_max || lengths.max > UINT8_MAX)
        refuse("the PIN is stored in a form that readers' keys cannot be used for");
    // A PIN that was cut off would be a wrong one, and cost a try.
    if (properties.max_pin_size.value_or(0) != 0 && *properties.max_pin_size < lengths.max)
        refuse("the reader's keys take at most " + digits(*properties.max_pin_size) + ", the PIN may have " +
               digits(lengths.max));
    if (properties.min_pin_size.value_or(0) > lengths.min)
        refuse("the reader's keys take at least " + digits(*properties.min_pin_size) + ", the PIN may have " +
               digits(lengths.min));
    // libccid puts the right value in the place of 0 and of what has no meaning.
    if (const std::uint8_t conditions = properties.entry_conditions.value_or(0);
        conditions != 0 && (conditions & ends_with_key) == 0)
        refuse("the reader has no key that ends the PIN");
}

Bytes encode(const PinPadCommand& command, const Properties& properties) {
    return command.sets_pin() ? encode_modify(command, properties) : encode_verify(command, properties);
}

} // namespace digisign::pcsc::part10
