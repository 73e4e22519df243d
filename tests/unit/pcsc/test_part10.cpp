// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/part10.hpp"

#include "common/error.hpp"
#include "daemon/iso7816/sensitive_apdu.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/pin-pad-reader/pin_entry.hpp"

#include <catch2/catch.hpp>

#include <bit>

using namespace digisign;
using namespace digisign::pcsc;
using iso7816::PinBlockFormat;
using iso7816::PinPadCommand;
using iso7816::SensitiveApdu;

namespace {

const PinBlockFormat fineid_block{12, std::uint8_t{0x00}};
const PinBlockFormat as_typed{};

/// The bytes of the standard's tables one after the other, for a machine with the low byte first.
std::string hex_of(std::initializer_list<std::string_view> fields) {
    std::string all;
    for (const std::string_view field : fields)
        all += field;
    return all;
}

std::optional<std::string> refusal(const PinPadCommand& command, const part10::Properties& properties) {
    try {
        part10::check(command, properties);
        return std::nullopt;
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::NotSupported);
        return error.what();
    }
}

/// What a strict reader makes of the structure when these values are typed.
std::string completed(const PinPadCommand& command, const std::vector<std::string>& typed) {
    const Bytes structure = part10::encode(command, {});
    const pin_pad_reader::PinPadLimits limits;
    const auto entry = command.sets_pin() ? pin_pad_reader::read_modify_structure(structure, limits)
                                          : pin_pad_reader::read_verify_structure(structure, limits);
    return to_hex(std::get<Bytes>(pin_pad_reader::complete_command(entry, typed)));
}

} // namespace

static_assert(std::endian::native == std::endian::little, "the expected bytes below are in that order");

TEST_CASE("encode__verify_padded_pin__is_the_structure_of_the_standard") {
    auto command = PinPadCommand::verify(0x11, fineid_block, {4, 12});
    command.timeout = std::chrono::seconds(45);
    CHECK(to_hex(part10::encode(command, {})) == hex_of({
                                                     "2D",       // bTimerOut
                                                     "00",       // bTimerOut2
                                                     "82",       // bmFormatString: bytes, from 0, left, ASCII
                                                     "0C",       // bmPINBlockString: no length, 12 bytes
                                                     "00",       // bmPINLengthFormat
                                                     "0C04",     // wPINMaxExtraDigit: 0x040C
                                                     "02",       // bEntryValidationCondition: key
                                                     "FF",       // bNumberMessage: the reader's choice
                                                     "0904",     // wLangId
                                                     "00",       // bMsgIndex
                                                     "000000",   // bTeoPrologue
                                                     "11000000", // ulDataLength
                                                     "002000110C000000000000000000000000",
                                                 }));
}

TEST_CASE("encode__verify_as_typed__has_the_header_alone") {
    const auto command = PinPadCommand::verify(0x03, as_typed, {4, 8});
    CHECK(to_hex(part10::encode(command, {})) == hex_of({"3C", "00", "82", "00", "00", "0804", "02", "FF",
                                                         "0904", "00", "000000", "04000000", "00200003"}));
}

TEST_CASE("encode__change_padded_pin__is_the_structure_of_the_standard") {
    auto command = PinPadCommand::change_reference_data(0x82, fineid_block, {6, 12});
    command.timeout = std::chrono::seconds(120);
    CHECK(to_hex(part10::encode(command, {})) ==
          hex_of({
              "78",       // bTimerOut
              "00",       // bTimerOut2
              "82",       // bmFormatString
              "0C",       // bmPINBlockString
              "00",       // bmPINLengthFormat
              "00",       // bInsertionOffsetOld
              "0C",       // bInsertionOffsetNew
              "0C06",     // wPINMaxExtraDigit: 0x060C
              "03",       // bConfirmPIN: old one, new one twice
              "02",       // bEntryValidationCondition
              "FF",       // bNumberMessage
              "0904",     // wLangId
              "00",       // bMsgIndex1
              "01",       // bMsgIndex2
              "02",       // bMsgIndex3
              "000000",   // bTeoPrologue
              "1D000000", // ulDataLength
              "0024008218000000000000000000000000000000000000000000000000",
          }));
}

TEST_CASE("encode__unblock_as_typed__puts_the_new_pin_behind_the_puk") {
    const auto command = PinPadCommand::reset_retry_counter(0x01, as_typed, {4, 8});
    CHECK(to_hex(part10::encode(command, {})) ==
          hex_of({"3C", "00", "82", "00", "00", "00", "00", "0804", "03", "02", "FF", "0904", "00", "01",
                  "02", "000000", "04000000", "002C0001"}));
}

TEST_CASE("encode__every_kind__becomes_the_command_that_a_pin_from_the_keyboard_makes") {
    const PinBlockFormat format = GENERATE(PinBlockFormat{12, std::uint8_t{0x00}},
                                           PinBlockFormat{8, std::uint8_t{0xFF}}, PinBlockFormat{});
    const auto pin = [](std::string_view value) { return fakes::pin_value(value); };
    CHECK(completed(PinPadCommand::verify(0x11, format, {4, 8}), {"12345"}) ==
          to_hex(SensitiveApdu::verify(0x11, pin("12345"), format).secret()));
    CHECK(completed(PinPadCommand::change_reference_data(0x11, format, {4, 8}),
                    {"12345", "987654", "987654"}) ==
          to_hex(SensitiveApdu::change_reference_data(0x11, pin("12345"), pin("987654"), format).secret()));
    CHECK(
        completed(PinPadCommand::reset_retry_counter(0x11, format, {4, 8}), {"12345678", "9876", "9876"}) ==
        to_hex(
            SensitiveApdu::reset_retry_counter(0x11, pin("12345678"), format, pin("9876"), format).secret()));
}

TEST_CASE("encode__timeouts_and_messages__follow_the_readers_properties") {
    auto command = PinPadCommand::verify(0x11, fineid_block, {4, 12});
    const auto timeouts = [&](std::chrono::seconds wanted, const part10::Properties& properties) {
        command.timeout = wanted;
        const Bytes structure = part10::encode(command, properties);
        return std::pair<unsigned, unsigned>(structure[0], structure[1]);
    };
    using std::chrono::seconds;
    CHECK(timeouts(seconds(60), {}) == std::pair(60u, 0u));
    CHECK(timeouts(seconds(0), {}) == std::pair(1u, 0u)); // 0 would be the reader's own
    CHECK(timeouts(seconds(1000), {}) == std::pair(255u, 0u));
    CHECK(timeouts(seconds(60), {.has_second_timeout = true}) == std::pair(60u, 60u));
    const auto messages = [](const PinPadCommand& which, std::optional<bool> has_display) {
        const std::size_t position = which.sets_pin() ? 11 : 8;
        return part10::encode(which, {.has_display = has_display})[position];
    };
    CHECK(messages(command, true) == 1);
    CHECK(messages(command, false) == 0);
    const auto change = PinPadCommand::change_reference_data(0x11, fineid_block, {4, 12});
    CHECK(messages(change, true) == 3);
    CHECK(messages(change, std::nullopt) == 0xFF);
}

TEST_CASE("check__reader_that_cannot_hold_the_pin__is_refused_with_a_reason") {
    const auto command = PinPadCommand::verify(0x11, fineid_block, {4, 12});
    CHECK_FALSE(refusal(command, {}));
    CHECK_FALSE(refusal(command, {.entry_conditions = 0x07, .min_pin_size = 4, .max_pin_size = 12}));
    CHECK_FALSE(refusal(command, {.entry_conditions = 0x00, .min_pin_size = 0, .max_pin_size = 0}));
    CHECK(refusal(command, {.max_pin_size = 8}) ==
          "the reader's keys take at most 8 digits, the PIN may have 12 digits; type it on the computer's "
          "keyboard instead");
    CHECK(refusal(command, {.min_pin_size = 6}));
    CHECK(refusal(command, {.entry_conditions = 0x05}));
    CHECK(refusal(PinPadCommand::verify(0x01, {16, std::uint8_t{0x00}}, {4, 16}), {}));
    CHECK(refusal(PinPadCommand::verify(0x01, {}, {4, 300}), {}));
}

TEST_CASE("parse_features__list__gives_the_control_codes") {
    const auto features = part10::parse_features(
        *from_hex("06 04 42330006 07 04 42330007 12 04 42330012 0A 04 4233000A 20 04 01"));
    CHECK(features.verify_pin_direct == 0x42330006u);
    CHECK(features.modify_pin_direct == 0x42330007u);
    CHECK(features.get_tlv_properties == 0x42330012u);
    CHECK(features.ifd_pin_properties == 0x4233000Au);
    CHECK_FALSE(part10::parse_features({}).verify_pin_direct);
    CHECK_FALSE(part10::parse_features(*from_hex("0604423300")).verify_pin_direct); // cut off
}

TEST_CASE("parse_properties__both_forms__are_read_and_nonsense_is_not_believed") {
    const auto tlv =
        part10::parse_tlv_properties(*from_hex("01021002 020107 030101 060104 07010C 0804DEADBEEF"));
    CHECK(tlv.has_display == true);
    CHECK(tlv.entry_conditions == std::uint8_t{0x07});
    CHECK(tlv.has_second_timeout == true);
    CHECK(tlv.min_pin_size == std::uint8_t{4});
    CHECK(tlv.max_pin_size == std::uint8_t{12});
    const auto broken = part10::parse_tlv_properties(*from_hex("0100 0600 070208"));
    CHECK_FALSE(broken.has_display);
    CHECK_FALSE(broken.min_pin_size);
    CHECK_FALSE(broken.max_pin_size);
    const auto structure = part10::parse_pin_properties(*from_hex("00000200"));
    CHECK(structure.has_display == false);
    CHECK(structure.entry_conditions == std::uint8_t{0x02});
    CHECK(structure.has_second_timeout == false);
    CHECK_FALSE(structure.max_pin_size);
    CHECK_FALSE(part10::parse_pin_properties(*from_hex("000002")).has_display);
}
