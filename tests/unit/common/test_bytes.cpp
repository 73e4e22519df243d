// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/bytes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;

TEST_CASE("to_hex__every_byte__has_two_upper_case_digits") {
    CHECK(to_hex(Bytes{0x00, 0x0A, 0xFF}) == "000AFF");
    CHECK(to_hex({}).empty());
}

TEST_CASE("from_hex__pairs_with_blanks__are_read") {
    CHECK(from_hex("00 0a FF") == Bytes{0x00, 0x0A, 0xFF});
    CHECK(from_hex("") == Bytes{});
}

TEST_CASE("from_hex__half_a_pair_or_no_digit__is_refused") {
    CHECK_FALSE(from_hex("0"));
    CHECK_FALSE(from_hex("0 0"));
    CHECK_FALSE(from_hex("0g"));
    CHECK_FALSE(from_hex("0x00"));
}
