// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/token_info.hpp"

#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card::pkcs15;
using fakes::hex;
using fakes::join;
using fakes::tlv;
using fakes::utf8;

TEST_CASE("parse_token_info__all_fields__are_read") {
    const Bytes algorithm = hex("3012 020101 02021041 0500 03020640 06 00 020154");
    const Bytes content =
        tlv(0x30, {hex("020100"), tlv(0x04, as_bytes("123456789")), utf8("VRK-FINEID  "),
                   tlv(0x80, as_bytes("HENKILOKORTTI")), hex("03020460"), tlv(0xA2, {algorithm}),
                   tlv(0xA5, {tlv(0x18, as_bytes("20260113120000Z"))}), hex("13026669")});
    const auto info = parse_token_info(join({content, Bytes(20, 0x00)}));
    REQUIRE(info);
    CHECK(to_string(info->serial_number) == "123456789");
    CHECK(info->manufacturer == "VRK-FINEID");
    CHECK(info->label == "HENKILOKORTTI");
    CHECK(to_string(info->last_update) == "20260113120000Z");
    REQUIRE(info->supported_algorithms.size() == 1);
    CHECK(info->supported_algorithms[0].algorithm == 0x1041);
    CHECK(info->supported_algorithms[0].computes_signature);
    CHECK(info->supported_algorithms[0].algorithm_reference == std::uint8_t{0x54});
}

TEST_CASE("parse_token_info__algorithm_parameters_of_any_type__are_passed_over") {
    // NULL, an OID, and the SEQUENCE of FINEID v3.
    const Bytes parameters =
        GENERATE(hex("0500"), hex("06032A0304"), hex("3007 0605 2B0E03021A"), hex("A003 020101"));
    const Bytes algorithm = tlv(0x30, {hex("020102 02010D"), parameters, hex("03020640 020145")});
    const auto info = parse_token_info(tlv(0x30, {hex("020100"), tlv(0xA2, {algorithm})}));
    REQUIRE(info);
    REQUIRE(info->supported_algorithms.size() == 1);
    CHECK(info->supported_algorithms[0].reference == 2);
    CHECK(info->supported_algorithms[0].algorithm_reference == std::uint8_t{0x45});
}

TEST_CASE("parse_token_info__old_form_of_last_update__is_read") {
    const auto info = parse_token_info(tlv(0x30, {hex("020100"), tlv(0x85, as_bytes("20260113120000Z"))}));
    REQUIRE(info);
    CHECK(to_string(info->last_update) == "20260113120000Z");
}

TEST_CASE("parse_token_info__damaged_or_empty__keeps_what_could_be_read") {
    CHECK_FALSE(parse_token_info({}));
    CHECK_FALSE(parse_token_info(Bytes(32, 0xFF)));
    CHECK(parse_token_info(hex("3000"))->serial_number.empty());
    const auto info = parse_token_info(hex("3009 020100 0402 4142 8099"));
    REQUIRE(info);
    CHECK(to_string(info->serial_number) == "AB");
}

TEST_CASE("serial_number_text__letters_or_bcd__is_readable") {
    CHECK(serial_number_text(as_bytes("TEST24A1")) == "TEST24A1");
    CHECK(serial_number_text(hex("92460000010999000010")) == "92460000010999000010");
    CHECK(serial_number_text(hex("41FF")) == "41FF");
    CHECK(serial_number_text({}).empty());
}
