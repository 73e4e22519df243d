// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include "tests/virtual-card/command.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

/// The whole selected file, by Le = 00 until the card says that there is no more.
Bytes read_file(TestCard& card) {
    Bytes content;
    while (true) {
        const Bytes offset{static_cast<std::uint8_t>(content.size() >> 8),
                           static_cast<std::uint8_t>(content.size() & 0xFF)};
        const std::string answer = card.send("00B0" + to_hex(offset) + "00");
        if (answer == "6B00")
            return content;
        REQUIRE(answer.ends_with("9000"));
        append(content, *from_hex(std::string_view(answer).substr(0, answer.size() - 4)));
    }
}

} // namespace

TEST_CASE("parse_command__cases_of_7816_4__are_told_apart") {
    CHECK_FALSE(parse_command(*from_hex("00A404")));
    const auto case1 = parse_command(*from_hex("00200011"));
    REQUIRE(case1);
    CHECK(case1->data.empty());
    CHECK_FALSE(case1->expected);
    CHECK(parse_command(*from_hex("00B0000000"))->expected == 256);
    CHECK(parse_command(*from_hex("00B00000000100"))->expected == 256);
    CHECK(parse_command(*from_hex("00B00000000000"))->expected == 65536);
    const auto case3 = parse_command(*from_hex("00A4080C024331"));
    REQUIRE(case3);
    CHECK(to_hex(case3->data) == "4331");
    CHECK_FALSE(case3->expected);
    CHECK(parse_command(*from_hex("00A408040243310A"))->expected == 10);
    const auto extended = parse_command(*from_hex("002A9E9A00000241420000"));
    REQUIRE(extended);
    CHECK(to_hex(extended->data) == "4142");
    CHECK(extended->expected == 65536);
    CHECK_FALSE(parse_command(*from_hex("00A4080C0243")));       // shorter than Lc
    CHECK_FALSE(parse_command(*from_hex("00A4080C0243310000"))); // more than Le
}

TEST_CASE("select__path_from_the_mf__gives_the_size_by_get_response") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00A4080402433100") == "6106"); // data both ways do not fit into one T=0 exchange
    const std::string fcp = card.send("00C0000006");
    CHECK(fcp.starts_with("62048102"));
    CHECK(fcp.ends_with("9000"));
    CHECK(std::stoul(fcp.substr(8, 4), nullptr, 16) == read_file(card).size());
    CHECK(card.send("00A40804045016433200") == "6106");
    CHECK(card.send("00A4080C04501643FF") == "6A82");
    CHECK(card.send("00A4080C043F004331") == "6A82"); // the path begins below the MF
    CHECK(card.send("00A4060C024331") == "6A86");
}

TEST_CASE("select__by_identifier__finds_children_and_neighbours") {
    TestCard card("fineid-v4");
    CHECK(card.send("00A4000C023F00") == "9000");
    CHECK(card.send("00A4020C022F00") == "9000");
    CHECK(card.send("00A4010C025016") == "9000");
    CHECK(card.send("00A4020C024332") == "9000");
    CHECK(card.send("00A4020C024331") == "6A82"); // not under DF 5016
    CHECK(card.send("00A4000C023F00") == "9000");
    CHECK(card.send("00A4010C024331") == "6A82"); // not a DF
    CHECK(card.send("00A4040C05A000000063") == "9000");
    CHECK(card.send("00A4040C05A000000077") == "6A82");
}

TEST_CASE("get_response__other_le_than_announced__is_corrected_or_split") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00C0000006") == "6985");
    REQUIRE(card.send("00A4080402433100") == "6106");
    CHECK(card.send("00C0000010") == "6C06");
    CHECK(card.send("00C0000002") == "62046104");
    CHECK(card.send("00C0000004").ends_with("9000"));
    REQUIRE(card.send("00A4080402433100") == "6106");
    CHECK(card.send("00B0000001") == "309000"); // any other command drops what was waiting
    CHECK(card.send("00C0000006") == "6985");
}

TEST_CASE("read_binary__le_of_the_citizen_card__gives_at_most_181_octets") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00B0000000") == "6986");
    REQUIRE(card.send("00A4080C024331") == "9000");
    CHECK(card.send("00B0000000").size() == 2 * 0xB5 + 4);
    CHECK(card.send("00B0000080").size() == 2 * 0x80 + 4);
    const std::size_t size = read_file(card).size();
    const auto at = [](std::size_t offset) {
        return to_hex(
            Bytes{static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset & 0xFF)});
    };
    CHECK(card.send("00B0" + at(size - 2) + "00").size() == 8);
    CHECK(card.send("00B0" + at(size - 2) + "80") == "6C02");
    CHECK(card.send("00B0" + at(size) + "01") == "6B00");
    CHECK(card.send("00B0800001") == "6A86");
}

TEST_CASE("files__certificates_of_the_citizen_card__are_where_the_specification_says") {
    TestCard card("fineid-v3");
    card.select_application();
    const auto content = [&](std::string_view path) {
        const std::string length = to_hex(Bytes{static_cast<std::uint8_t>(path.size() / 2)});
        REQUIRE(card.send(concat({"00A4080C", length, path})) == "9000");
        return read_file(card);
    };
    const auto certificate = [&](const char* name) {
        return certificate_der(card.state().certificates.at(name));
    };
    CHECK(content("4331") == certificate("auth"));
    CHECK(content("50164332") == certificate("sign"));
    CHECK(content("50164335") == certificate("sign-ec"));
    CHECK(content("4334") == certificate("root"));
    CHECK(content("4336") == certificate("issuing"));
    // 3F00/2F00: the application and where its files begin.
    CHECK(to_hex(content("2F00")) == "611F4F0CA000000063504B43532D3135500B46494E454944205334"
                                     "2D3151023F00");
}

TEST_CASE("chain__of_a_command_that_takes_none__says_6985") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({"102000110C", block_1234})) == "6985");
    CHECK(card.send("00200011") == "63C5");
}

TEST_CASE("class__unknown__says_6e00") {
    TestCard card("fineid-v4");
    CHECK(card.send("80A4000C023F00") == "6E00");
    CHECK(card.send("00010000") == "6D00");
}

TEST_CASE("get_challenge__eight_octets__differ") {
    TestCard card("fineid-v4");
    const std::string first = card.send("0084000008");
    CHECK(first.size() == 20);
    CHECK(first != card.send("0084000008"));
}

TEST_CASE("reset__verified_pin__is_forgotten") {
    TestCard card("fineid-v4");
    card.select_application();
    REQUIRE(card.send(concat({"002000110C", block_1234})) == "9000");
    card.reset();
    CHECK(card.send("00200011") == "6D00");
    card.select_application();
    CHECK(card.send("00200011") == "63C5");
}
