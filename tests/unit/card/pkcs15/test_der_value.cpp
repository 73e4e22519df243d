// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/der_value.hpp"

#include "daemon/card/pkcs15/path.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card::pkcs15;
using fakes::hex;

namespace {

std::optional<Path> path_from(const char* text) {
    const Bytes input = hex(text);
    const auto tlv = iso7816::TlvReader(input).next();
    REQUIRE(tlv);
    return parse_path(*tlv);
}

} // namespace

TEST_CASE("to_integer__any_length_up_to_eight_bytes__is_twos_complement") {
    CHECK(to_integer(hex("00")) == 0);
    CHECK(to_integer(hex("7F")) == 127);
    CHECK(to_integer(hex("80")) == -128);
    CHECK(to_integer(hex("0080")) == 128);
    CHECK(to_integer(hex("00800000000000 00")) == 0x80000000000000);
    CHECK(to_integer(hex("FFFFFFFFFFFFFFFF")) == -1);
    CHECK_FALSE(to_integer({}));
    CHECK_FALSE(to_integer(hex("000000000000000001")));
}

TEST_CASE("to_size__negative_or_huge__is_refused") {
    CHECK(to_size(hex("0680")) == 0x680u);
    CHECK(to_size(hex("00FFFF")) == 0xFFFFu);
    CHECK_FALSE(to_size(hex("FF")));
    CHECK_FALSE(to_size(hex("010000")));
}

TEST_CASE("to_reference__signed_encodings__name_the_same_reference") {
    CHECK(to_reference(hex("11")) == std::uint8_t{0x11});
    CHECK(to_reference(hex("82")) == std::uint8_t{0x82}); // -126
    CHECK(to_reference(hex("0082")) == std::uint8_t{0x82});
    CHECK_FALSE(to_reference(hex("0100")));
    CHECK_FALSE(to_reference(hex("FE00")));
    CHECK_FALSE(to_reference({}));
}

TEST_CASE("bit_string__bit_0__is_the_most_significant_one") {
    const BitString bits(hex("06 0040")); // nonRepudiation, bit 9
    CHECK(bits.bit(9));
    CHECK_FALSE(bits.bit(0));
    CHECK_FALSE(bits.bit(8));
    CHECK_FALSE(bits.bit(100));
    CHECK(BitString(hex("07 80")).bit(0));
    CHECK_FALSE(BitString(ByteView{}).bit(0));
    CHECK_FALSE(BitString(hex("00")).bit(0));
}

TEST_CASE("to_text__fixed_field__loses_its_filler") {
    CHECK(to_text(hex("4142 2020 0000")) == "AB");
    CHECK(to_text({}).empty());
    CHECK(to_text(hex("0000")).empty());
    CHECK(to_text(hex("41 01 42")) == "A B");
}

TEST_CASE("parse_path__identifiers_offset_and_length__are_read") {
    CHECK(path_from("3004 0402 4401") == Path{{0x44, 0x01}, 0, std::nullopt});
    CHECK(path_from("300D 0406 3F0050154331 020110 8000") ==
          Path{{0x3F, 0x00, 0x50, 0x15, 0x43, 0x31}, 0x10, std::nullopt});
    CHECK(path_from("300B 0402 4331 020100 80020680") == Path{{0x43, 0x31}, 0, 0x680u});
}

TEST_CASE("parse_path__no_file__is_nothing") {
    const char* text = GENERATE("3002 0400", "3003 040143", "3000", "0402 4401", "3003 020101",
                                "3014 0412 000000000000000000000000000000000000");
    CHECK_FALSE(path_from(text));
}

TEST_CASE("absolute_path__relative_or_from_the_mf__starts_with_3F00") {
    const Bytes application = hex("3F005015");
    CHECK(to_hex(absolute_path(application, hex("4331"))) == "3F0050154331");
    CHECK(to_hex(absolute_path(application, hex("50164332"))) == "3F00501550164332");
    CHECK(to_hex(absolute_path(application, hex("3F004334"))) == "3F004334");
}
