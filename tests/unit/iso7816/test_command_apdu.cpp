// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/command_apdu.hpp"

#include "common/error.hpp"
#include "daemon/iso7816/aid.hpp"
#include "daemon/iso7816/commands.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::iso7816;

namespace {

CommandApdu command(std::size_t data_length, std::optional<std::size_t> le) {
    return {.ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = Bytes(data_length, 0xAA), .le = le};
}

std::string head_and_tail(const Bytes& apdu, std::size_t head, std::size_t tail) {
    return to_hex(ByteView(apdu).first(head)) + ".." + to_hex(ByteView(apdu).last(tail));
}

} // namespace

TEST_CASE("encode__four_cases_of_the_short_form__as_in_iso_7816_4") {
    CHECK(to_hex(command(0, std::nullopt).encode()) == "002A9E9A");
    CHECK(to_hex(command(0, 0x60).encode()) == "002A9E9A60");
    CHECK(to_hex(command(2, std::nullopt).encode()) == "002A9E9A02AAAA");
    CHECK(to_hex(command(2, 0x14).encode()) == "002A9E9A02AAAA14");
}

TEST_CASE("encode__le_of_256__is_a_zero_byte") {
    CHECK(to_hex(command(0, 256).encode()) == "002A9E9A00");
    CHECK(to_hex(command(1, 256).encode()) == "002A9E9A01AA00");
}

TEST_CASE("encode__longer_data_or_answer__takes_the_extended_form") {
    CHECK(to_hex(command(0, 257).encode()) == "002A9E9A000101");
    CHECK(to_hex(command(0, 65536).encode()) == "002A9E9A000000");
    CHECK(to_hex(command(2, 512).encode()) == "002A9E9A000002AAAA0200");
    CHECK(head_and_tail(command(256, std::nullopt).encode(), 8, 1) == "002A9E9A000100AA..AA");
    CHECK(head_and_tail(command(384, 384).encode(), 8, 3) == "002A9E9A000180AA..AA0180");
    CHECK(command(65535, std::nullopt).encode().size() == 7 + 65535);
}

TEST_CASE("encode__what_has_no_encoding__throws_internal") {
    const auto [length, le] = GENERATE(table<std::size_t, std::size_t>({{0, 0}, {0, 65537}, {65536, 1}}));
    try {
        (void)command(length, le).encode();
        FAIL("encoded");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Internal);
    }
}

TEST_CASE("chain__data_that_fits__is_one_command") {
    const CommandApdu apdu = command(255, 256);
    CHECK(apdu.chain() == std::vector{apdu});
    CHECK(command(0, 1).chain().size() == 1);
}

TEST_CASE("chain__longer_data__all_but_the_last_carry_the_chaining_bit_and_no_le") {
    CommandApdu apdu = command(385, 256);
    for (std::size_t i = 0; i < apdu.data.size(); ++i)
        apdu.data[i] = static_cast<std::uint8_t>(i);
    const auto links = apdu.chain(192);
    REQUIRE(links.size() == 3);
    Bytes joined;
    for (const CommandApdu& link : links) {
        append(joined, link.data);
        CHECK(link.ins == apdu.ins);
        CHECK(link.p1 == apdu.p1);
        CHECK(link.p2 == apdu.p2);
    }
    CHECK(joined == apdu.data);
    CHECK(links[0].cla == 0x10);
    CHECK(links[1].cla == 0x10);
    CHECK(links[2].cla == 0x00);
    CHECK_FALSE(links[0].le);
    CHECK_FALSE(links[1].le);
    CHECK(links[2].le == 256u);
}

TEST_CASE("commands__as_fineid_cards_take_them__are_these_bytes") {
    const Bytes path{0x50, 0x16, 0x43, 0x32};
    CHECK(to_hex(select(SelectBy::DfName, aid_pkcs15, SelectAnswer::None).encode()) ==
          "00A4040C0CA000000063504B43532D3135");
    CHECK(to_hex(select(SelectBy::PathFromMf, path, SelectAnswer::Fcp).encode()) == "00A40804045016433200");
    CHECK(to_hex(read_binary(0x016A, 256).encode()) == "00B0016A00");
    CHECK(to_hex(read_binary(0x7FFF, 1).encode()) == "00B07FFF01");
    CHECK(to_hex(get_response(0x00, 0x27).encode()) == "00C0000027");
    CHECK(to_hex(get_data(0x01A0, 20).encode()) == "00CA01A014");
    CHECK(to_hex(verify_status(0x11).encode()) == "00200011");
    const Bytes environment{0x80, 0x01, 0x54, 0x84, 0x01, 0x02};
    CHECK(to_hex(manage_security_environment(ReferenceTemplate::DigitalSignature, environment).encode()) ==
          "002241B606800154840102");
    CHECK(to_hex(pso_hash_external(Bytes{0xDE, 0xAD}).encode()) == "002A90A0049002DEAD");
    CHECK(to_hex(pso_compute_digital_signature({}, 0x60).encode()) == "002A9E9A60");
    CHECK(to_hex(pso_compute_digital_signature({}, 384).encode()) == "002A9E9A000180");
}
