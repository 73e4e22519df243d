// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/sensitive_apdu.hpp"

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "tests/fakes/pin.hpp"

#include <catch2/catch.hpp>

#include <type_traits>

using namespace digisign;
using namespace digisign::iso7816;

namespace {

const PinBlockFormat fineid_block{12, std::uint8_t{0x00}};

} // namespace

static_assert(!std::is_copy_constructible_v<SensitiveApdu>);
static_assert(!std::is_copy_assignable_v<SensitiveApdu>);
static_assert(std::is_move_constructible_v<SensitiveApdu>);

TEST_CASE("verify__padded_pin__is_filled_to_the_stored_length") {
    const auto apdu = SensitiveApdu::verify(0x11, fakes::pin_value("1234"), fineid_block);
    CHECK(to_hex(apdu.secret()) == "002000110C313233340000000000000000");
    CHECK(to_hex(apdu.header()) == "00200011");
    const auto myeid = SensitiveApdu::verify(0x01, fakes::pin_value("1234"), {8, std::uint8_t{0xFF}});
    CHECK(to_hex(myeid.secret()) == "002000010831323334FFFFFFFF");
}

TEST_CASE("verify__card_without_padding__gets_the_typed_length") {
    const auto apdu = SensitiveApdu::verify(0x03, fakes::pin_value("12345"), {});
    CHECK(to_hex(apdu.secret()) == "00200003053132333435");
}

TEST_CASE("verify__pin_as_long_as_the_block__has_no_padding") {
    const auto apdu = SensitiveApdu::verify(0x11, fakes::pin_value("123456789012"), fineid_block);
    CHECK(to_hex(apdu.secret()) == "002000110C313233343536373839303132");
}

TEST_CASE("verify__pin_longer_than_the_block__throws_before_anything_is_sent") {
    try {
        (void)SensitiveApdu::verify(0x11, fakes::pin_value("1234567890123"), fineid_block);
        FAIL("built");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Internal);
        CHECK(std::string(error.what()).find("1234") == std::string::npos);
    }
}

TEST_CASE("change_and_reset__two_values__stand_one_after_the_other") {
    const auto change = SensitiveApdu::change_reference_data(0x82, fakes::pin_value("7654321"),
                                                             fakes::pin_value("123456"), fineid_block);
    CHECK(to_hex(change.secret()) == "0024008218"
                                     "373635343332310000000000"
                                     "313233343536000000000000");
    const auto reset = SensitiveApdu::reset_retry_counter(0x11, fakes::pin_value("12345678"), fineid_block,
                                                          fakes::pin_value("1234"), fineid_block);
    CHECK(to_hex(reset.secret()) == "002C001118"
                                    "313233343536373800000000"
                                    "313233340000000000000000");
}

TEST_CASE("reset__puk_laid_out_otherwise_than_the_pin__each_in_its_own_way") {
    const auto reset = SensitiveApdu::reset_retry_counter(0x01, fakes::pin_value("12345678"), {},
                                                          fakes::pin_value("1234"), {8, std::uint8_t{0xFF}});
    CHECK(to_hex(reset.secret()) == "002C000110"
                                    "3132333435363738"
                                    "31323334FFFFFFFF");
}
