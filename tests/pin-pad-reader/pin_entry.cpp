// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/pin_entry.hpp"

#include <algorithm>

namespace digisign::pin_pad_reader {

namespace {

constexpr std::size_t header_length = 4; // CLA INS P1 P2
constexpr std::size_t verify_fields = 19;
constexpr std::size_t modify_fields = 24;

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_change_reference_data = 0x24;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;

constexpr std::uint8_t default_messages = 0xFF;

void require(bool condition, const char* what) {
    if (!condition)
        throw InvalidParameter(what);
}

/// Takes a structure apart from its front; the lengths have been checked. USB's byte order, as drivers want
/// it.
class Fields {
public:
    explicit Fields(ByteView structure) : left_(structure) {}

    std::uint8_t octet() {
        const std::uint8_t value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }
    std::uint16_t word() {
        const unsigned low = octet();
        return static_cast<std::uint16_t>(low | static_cast<unsigned>(octet()) << 8);
    }
    void skip(std::size_t count) { left_ = left_.subspan(count); }
    ByteView rest() const { return left_; }

private:
    ByteView left_;
};

/// `fields` is the length of everything before the command, which ends with the command's own length.
void check_lengths(ByteView structure, std::size_t fields) {
    if (structure.size() < fields + header_length)
        throw MalformedStructure("the structure is too short for a command");
    std::size_t length = 0;
    for (std::size_t i = fields; i-- > fields - 4;)
        length = length << 8 | structure[i];
    if (length != structure.size() - fields)
        throw MalformedStructure("ulDataLength is not the length of abData");
}

/// bmFormatString, bmPINBlockString, bmPINLengthFormat. Returns where in the data field the (first) PIN
/// begins.
std::size_t read_format(Fields& fields, PinEntry& entry) {
    const std::uint8_t format = fields.octet();
    const bool in_octets = (format & 0x80) != 0;
    const std::size_t position = format >> 3 & 0x0F;
    require((format & 0x04) == 0, "bmFormatString: this reader justifies to the left");
    require((format & 0x03) == 0x02, "bmFormatString: this reader knows ASCII only");
    require(in_octets || position % 8 == 0, "bmFormatString: the PIN must begin with an octet");

    const std::uint8_t block = fields.octet();
    require((block & 0xF0) == 0, "bmPINBlockString: this reader does not insert the PIN's length");
    entry.block_length = block & 0x0F;
    require((fields.octet() & 0xE0) == 0, "bmPINLengthFormat: reserved bits");
    return in_octets ? position : position / 8;
}

/// wPINMaxExtraDigit is 0xXXYY, minimum and maximum.
void read_length_limits(Fields& fields, const PinPadLimits& limits, PinEntry& entry) {
    const std::uint16_t digits = fields.word();
    entry.min_length = digits >> 8;
    entry.max_length = digits & 0xFF;
    require(entry.max_length != 0 && entry.min_length <= entry.max_length, "wPINMaxExtraDigit: nothing fits");
    require(entry.min_length >= limits.min_length && entry.max_length <= limits.max_length,
            "wPINMaxExtraDigit: beyond what this reader takes");
    require(entry.block_length == 0 || entry.max_length <= entry.block_length,
            "wPINMaxExtraDigit: longer than the block");
}

void read_entry_condition(Fields& fields, const PinPadLimits& limits) {
    const std::uint8_t condition = fields.octet();
    require(condition != 0 && (condition & ~limits.entry_conditions) == 0,
            "bEntryValidationCondition: not one of this reader's");
}

void check_prologue(Fields& fields) {
    for (int i = 0; i < 3; ++i)
        require(fields.octet() == 0, "bTeoPrologue: must be zero");
}

void check_header(ByteView command, std::initializer_list<std::uint8_t> instructions) {
    require(std::ranges::find(instructions, command[1]) != instructions.end(),
            "abData: a command that is none for PINs");
}

/// A value of any length: the reader makes Lc, and the data field is empty. Some readers want Lc = 00 in its
/// place and others must not see one.
void read_command_of_varying_length(ByteView command, PinEntry& entry) {
    const bool bare = command.size() == header_length;
    const bool with_zero = command.size() == header_length + 1 && command[header_length] == 0;
    require(bare || with_zero, "abData: has data although the PIN's length varies");
    require(std::ranges::all_of(entry.offsets, [](std::size_t offset) { return offset == 0; }),
            "the PIN's position makes no sense where its length varies");
    entry.command = to_bytes(command.first(header_length));
}

void read_command_of_fixed_length(ByteView command, PinEntry& entry) {
    require(command.size() > header_length + 1, "abData: has no room for the block");
    const std::size_t length = command[header_length];
    require(length == command.size() - header_length - 1, "abData: Lc is not the length of the data");
    for (const std::size_t offset : entry.offsets)
        require(offset + entry.block_length <= length, "a block ends behind the data");
    if (entry.offsets.size() == 2) {
        const auto [low, high] = std::minmax(entry.offsets[0], entry.offsets[1]);
        require(low + entry.block_length <= high, "old and new value overlap");
    }
    entry.command = to_bytes(command);
}

void read_command(ByteView command, PinEntry& entry) {
    if (entry.block_length == 0)
        read_command_of_varying_length(command, entry);
    else
        read_command_of_fixed_length(command, entry);
}

} // namespace

PinEntry read_verify_structure(ByteView structure, const PinPadLimits& limits) {
    check_lengths(structure, verify_fields);
    Fields fields(structure);
    PinEntry entry;
    entry.timeout = std::chrono::seconds(fields.octet());
    fields.skip(1); // bTimerOut2, which USB readers are not told
    entry.offsets = {read_format(fields, entry)};
    read_length_limits(fields, limits, entry);
    read_entry_condition(fields, limits);
    const std::uint8_t messages = fields.octet();
    require(messages <= 1 || messages == default_messages, "bNumberMessage: VERIFY has one message");
    fields.skip(2); // wLangId; there is no display
    require(fields.octet() == 0, "bMsgIndex: must be zero");
    check_prologue(fields);
    fields.skip(4); // ulDataLength
    check_header(fields.rest(), {ins_verify});
    read_command(fields.rest(), entry);
    return entry;
}

PinEntry read_modify_structure(ByteView structure, const PinPadLimits& limits) {
    check_lengths(structure, modify_fields);
    Fields fields(structure);
    PinEntry entry;
    entry.timeout = std::chrono::seconds(fields.octet());
    fields.skip(1); // bTimerOut2, as above
    require(read_format(fields, entry) == 0, "bmFormatString: the insertion offsets tell the position");
    const std::size_t old_offset = fields.octet();
    const std::size_t new_offset = fields.octet();
    read_length_limits(fields, limits, entry);
    const std::uint8_t confirm = fields.octet();
    require((confirm & 0xFC) == 0, "bConfirmPIN: reserved bits");
    const bool asks_current = (confirm & 0x02) != 0;
    entry.repeat_last = (confirm & 0x01) != 0;
    if (asks_current)
        entry.offsets.push_back(old_offset);
    entry.offsets.push_back(new_offset);
    read_entry_condition(fields, limits);
    const std::uint8_t messages = fields.octet();
    require(messages == 0 || messages == entry.values_to_type() || messages == default_messages,
            "bNumberMessage: not one for each value");
    fields.skip(2); // wLangId
    for (std::uint8_t expected = 0; expected < 3; ++expected) {
        const std::uint8_t index = fields.octet();
        require(index == 0 || index == expected, "bMsgIndex1 to 3: messages are 0, 1 and 2");
    }
    check_prologue(fields);
    fields.skip(4); // ulDataLength
    check_header(fields.rest(), {ins_change_reference_data, ins_reset_retry_counter});
    read_command(fields.rest(), entry);
    return entry;
}

std::variant<Bytes, std::uint16_t> complete_command(const PinEntry& entry,
                                                    const std::vector<std::string>& typed) {
    for (const std::string& value : typed)
        if (value.size() < entry.min_length || value.size() > entry.max_length)
            return status::length_not_allowed;
    if (entry.repeat_last && typed[typed.size() - 1] != typed[typed.size() - 2])
        return status::repeated_differently;

    Bytes command = entry.command;
    if (entry.block_length == 0)
        command.push_back(0);
    const std::size_t data = header_length + 1;
    for (std::size_t i = 0; i < entry.offsets.size(); ++i) {
        const ByteView value = as_bytes(typed[i]);
        if (entry.block_length == 0)
            append(command, value);
        else
            std::ranges::copy(value, command.begin() + static_cast<std::ptrdiff_t>(data + entry.offsets[i]));
    }
    command[header_length] = static_cast<std::uint8_t>(command.size() - data);
    return command;
}

} // namespace digisign::pin_pad_reader
