// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pin-pad-reader/pin_entry.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::pin_pad_reader;

namespace {

// bTimerOut … ulDataLength, then the command: FINEID's block of twelve octets, and a PIN sent as typed.
const Bytes verify_padded = *from_hex("1E00 82 0C 00 0C04 02 01 0904 00 000000 11000000"
                                      "002000110C 000000000000000000000000");
const Bytes verify_varying = *from_hex("0000 82 00 00 0804 02 FF 0000 00 000000 04000000 00200001");
const Bytes change_padded = *from_hex("1E00 82 0C 00 00 0C 0C04 03 02 03 0904 00 01 02 000000 1D000000"
                                      "0024001118 000000000000000000000000000000000000000000000000");
const Bytes change_varying =
    *from_hex("1E00 82 00 00 00 00 0804 03 02 FF 0000 00 00 00 000000 04000000 00240001");

Bytes with(Bytes structure, std::size_t offset, std::uint8_t value) {
    structure.at(offset) = value;
    return structure;
}

std::string command_for(const PinEntry& entry, const std::vector<std::string>& typed) {
    const auto outcome = complete_command(entry, typed);
    const auto* command = std::get_if<Bytes>(&outcome);
    return command != nullptr ? to_hex(*command)
                              : to_hex(Bytes{
                                    static_cast<std::uint8_t>(std::get<1>(outcome) >> 8),
                                    static_cast<std::uint8_t>(std::get<1>(outcome) & 0xFF),
                                });
}

const PinPadLimits any_length;

} // namespace

TEST_CASE("verify__padded__typed_digits_stand_before_the_filler") {
    const PinEntry entry = read_verify_structure(verify_padded, any_length);
    CHECK(entry.timeout == std::chrono::seconds(30));
    CHECK(entry.values_to_type() == 1);
    CHECK(command_for(entry, {"1234"}) == "002000110C313233340000000000000000");
    CHECK(command_for(entry, {"123456789012"}) == "002000110C313233343536373839303132");
}

TEST_CASE("verify__filler_and_position__are_those_of_the_command") {
    // Two octets before a block of eight that is filled with FF.
    const PinEntry entry = read_verify_structure(*from_hex("0000 92 08 00 0804 02 00 0000 00 000000 0F000000"
                                                           "002000010A ABCD FFFFFFFFFFFFFFFF"),
                                                 any_length);
    CHECK(command_for(entry, {"1234"}) == "002000010AABCD31323334FFFFFFFF");
}

TEST_CASE("verify__length_varies__lc_is_the_number_of_digits") {
    const PinEntry entry = read_verify_structure(verify_varying, any_length);
    CHECK(command_for(entry, {"1234"}) == "002000010431323334");
    Bytes with_zero = with(verify_varying, 15, 5);
    with_zero.push_back(0);
    CHECK(command_for(read_verify_structure(with_zero, any_length), {"12345"}) == "00200001053132333435");
}

TEST_CASE("verify__too_few_or_too_many_digits__nothing_for_the_card") {
    const PinEntry entry = read_verify_structure(verify_padded, any_length);
    CHECK(command_for(entry, {"123"}) == "6403");
    CHECK(command_for(entry, {"1234567890123"}) == "6403");
}

TEST_CASE("modify__padded__old_and_new_value_each_in_its_block") {
    const PinEntry entry = read_modify_structure(change_padded, any_length);
    CHECK(entry.values_to_type() == 3);
    CHECK(command_for(entry, {"1234", "56789", "56789"}) == "0024001118"
                                                            "313233340000000000000000"
                                                            "353637383900000000000000");
    CHECK(command_for(entry, {"1234", "56789", "56780"}) == "6402");
    CHECK(command_for(entry, {"1234", "567", "567"}) == "6403");
}

TEST_CASE("modify__length_varies__one_value_after_the_other") {
    const PinEntry entry = read_modify_structure(change_varying, any_length);
    CHECK(command_for(entry, {"1234", "56789", "56789"}) == "0024000109"
                                                            "31323334"
                                                            "3536373839");
}

TEST_CASE("modify__without_old_value_or_repetition__asks_for_less") {
    const PinEntry entry = read_modify_structure(with(with(change_padded, 9, 0x00), 11, 0x01), any_length);
    CHECK(entry.values_to_type() == 1);
    CHECK(command_for(entry, {"5678"}) == "0024001118"
                                          "000000000000000000000000"
                                          "353637380000000000000000");
}

TEST_CASE("structure__lengths_do_not_add_up__is_malformed") {
    Bytes longer = verify_padded;
    longer.push_back(0);
    Bytes big_endian = *from_hex("1E00 82 0C 00 0C04 02 01 0904 00 000000 00000011"
                                 "002000110C 000000000000000000000000");
    for (const Bytes& structure : {Bytes{}, Bytes(22), longer, big_endian})
        CHECK_THROWS_AS(read_verify_structure(structure, any_length), MalformedStructure);
    for (const Bytes& structure : {Bytes(27), with(change_padded, 20, 0x1C)})
        CHECK_THROWS_AS(read_modify_structure(structure, any_length), MalformedStructure);
}

TEST_CASE("verify__field_that_makes_no_sense__is_refused") {
    const auto [offset, value] = GENERATE(table<std::size_t, std::uint8_t>({
        {2, 0x86},  // justified to the right
        {2, 0x81},  // BCD
        {2, 0x8A},  // the block begins at 1 and ends behind the data
        {3, 0x8C},  // the length is to be inserted
        {3, 0x00},  // no block, although there are data
        {3, 0x0B},  // a block shorter than the longest PIN
        {3, 0x0D},  // a block longer than the data
        {4, 0x20},  // reserved
        {5, 0x03},  // at least four, at most three digits
        {5, 0x10},  // more than the reader takes
        {7, 0x00},  // the entry never ends
        {7, 0x01},  // ends with the last digit, which this reader does not do
        {8, 0x02},  // two messages
        {11, 0x01}, // message 1
        {12, 0x01}, // prologue
        {20, 0xB0}, // READ BINARY
        {23, 0x0B}, // Lc
    }));
    CAPTURE(offset, value);
    CHECK_THROWS_AS(read_verify_structure(with(verify_padded, offset, value), any_length), InvalidParameter);
}

TEST_CASE("modify__field_that_makes_no_sense__is_refused") {
    const auto [offset, value] = GENERATE(table<std::size_t, std::uint8_t>({
        {2, 0x8A},  // position; the insertion offsets say it
        {5, 0x01},  // the old value overlaps the new one
        {6, 0x00},  // both in one place
        {6, 0x0D},  // the new value ends behind the data
        {9, 0x04},  // reserved
        {10, 0x04}, // ends with a time-out
        {11, 0x02}, // two messages for three values
        {14, 0x02}, // the second message is the third
        {25, 0x20}, // VERIFY
    }));
    CAPTURE(offset, value);
    CHECK_THROWS_AS(read_modify_structure(with(change_padded, offset, value), any_length), InvalidParameter);
}

TEST_CASE("lengths__beyond_the_reader__are_refused") {
    CHECK_THROWS_AS(read_verify_structure(verify_padded, {.max_length = 8}), InvalidParameter);
    CHECK_THROWS_AS(read_verify_structure(verify_padded, {.min_length = 6}), InvalidParameter);
    CHECK_NOTHROW(read_verify_structure(verify_padded, {.min_length = 4, .max_length = 12}));
}
