// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/pin_pad_command.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::iso7816;

namespace {

const PinBlockFormat fineid_block{12, std::uint8_t{0x00}};
const PinBlockFormat myeid_block{8, std::uint8_t{0xFF}};

} // namespace

TEST_CASE("filled__padded_pin__has_the_filler_in_its_place") {
    const auto command = PinPadCommand::verify(0x11, fineid_block, {4, 12});
    CHECK(to_hex(command.filled()) == "002000110C000000000000000000000000");
    CHECK(command.block_length() == 12);
    CHECK_FALSE(command.sets_pin());
    CHECK(to_hex(PinPadCommand::verify(0x01, myeid_block, {4, 8}).filled()) == "0020000108FFFFFFFFFFFFFFFF");
}

TEST_CASE("filled__two_values__have_a_block_each") {
    const auto change = PinPadCommand::change_reference_data(0x82, myeid_block, {4, 8});
    CHECK(to_hex(change.filled()) == "0024008210FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
    CHECK(change.sets_pin());
    const auto reset = PinPadCommand::reset_retry_counter(0x11, fineid_block, {4, 12});
    CHECK(to_hex(reset.filled()) == "002C001118000000000000000000000000000000000000000000000000");
    CHECK(to_hex(reset.header()) == "002C0011");
}

TEST_CASE("filled__as_typed__is_the_header_alone") {
    const auto verify = PinPadCommand::verify(0x03, {}, {4, 8});
    CHECK(to_hex(verify.filled()) == "00200003");
    CHECK(verify.block_length() == 0);
    CHECK(to_hex(PinPadCommand::change_reference_data(0x03, {}, {4, 8}).filled()) == "00240003");
    // A length without a filler says nothing about the command.
    CHECK(PinPadCommand::verify(0x03, {8, std::nullopt}, {4, 8}).block_length() == 0);
}

TEST_CASE("filled__as_typed_but_of_one_length__is_a_block") {
    const auto verify = PinPadCommand::verify(0x03, {}, {6, 6});
    CHECK(verify.block_length() == 6);
    CHECK(to_hex(verify.filled()) == "0020000306000000000000");
}
