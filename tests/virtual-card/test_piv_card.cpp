// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string select_piv = "00A4040009A0000003080000100000";
const std::string pin_right = "313233343536FFFF";
const std::string pin_wrong = "393939393939FFFF";
const std::string puk_right = "3132333435363738";
const std::string verify_right = "0020008008" + pin_right;
const std::string sign_9c = "008711"
                            "9C267C2482008120" +
                            std::string(64, 'A') + "00";
const std::string sign_9e = "008711"
                            "9E267C2482008120" +
                            std::string(64, 'A') + "00";

struct SelectedCard : TestCard {
    SelectedCard() : TestCard("piv") { (void)send(select_piv); }
    std::string status_of(const std::string& command) {
        const std::string answer = send(command);
        return answer.substr(answer.size() - 4);
    }
};

} // namespace

TEST_CASE("select__by_the_name_without_version__answers_with_the_property_template") {
    TestCard card("piv");
    CHECK(card.send("00200080") == "6D00"); // nothing is selected
    CHECK(card.send(select_piv).substr(0, 2) == "61");
    CHECK(card.send("00200080") == "63C3");
    CHECK(card.send("00FD000003") == "0502079000");
    CHECK(card.send("00F8000004") == "009896819000");
}

TEST_CASE("get_data__object_there_or_not__comes_in_pieces_or_not_at_all") {
    SelectedCard card;
    CHECK(card.status_of("00CB3FFF055C035FC10500") == "6100");
    CHECK(card.send("00CB3FFF055C035FC10E00") == "6A82");
    CHECK(card.send("00CB3FFF035C017E00").substr(0, 2) == "7E");
    CHECK(card.send("00CB3FFF00") == "6A80");
}

TEST_CASE("verify__status_end_and_select__are_what_the_standard_says") {
    SelectedCard card;
    CHECK(card.send(verify_right) == "9000");
    CHECK(card.send("00200080") == "9000");
    (void)card.send(select_piv); // keeps the security status
    CHECK(card.send("00200080") == "9000");
    CHECK(card.send("0020FF80") == "9000");
    CHECK(card.send("00200080") == "63C3");
    CHECK(card.send("00200081") == "6A88");
}

TEST_CASE("general_authenticate__key_with_pin_always__needs_the_pin_immediately_before") {
    SelectedCard card;
    CHECK(card.send(sign_9c) == "6982");
    CHECK(card.send(verify_right) == "9000");
    CHECK(card.status_of(sign_9c) == "9000");
    CHECK(card.send(sign_9c) == "6982");
    CHECK(card.send(verify_right) == "9000");
    CHECK(card.send("00200080") == "9000"); // a command in between
    CHECK(card.send(sign_9c) == "6982");
}

TEST_CASE("general_authenticate__key_without_pin__signs_at_once") {
    SelectedCard card;
    CHECK(card.status_of(sign_9e) == "9000");
    CHECK(card.send("008707"
                    "9E267C2482008120" +
                    std::string(64, 'A') + "00") == "6A80"); // the algorithm of another key
    CHECK(card.send("008711"
                    "83267C2482008120" +
                    std::string(64, 'A') + "00") == "6A88");
}

TEST_CASE("change_and_unblock__pin_and_puk__follow_their_counters") {
    SelectedCard card;
    CHECK(card.send("0024008010" + pin_wrong + pin_right) == "63C2");
    CHECK(card.send("0024008010" + pin_right + pin_wrong) == "9000");
    CHECK(card.send("0020008008" + pin_wrong) == "9000");
    CHECK(card.send("0024008110" + puk_right + "3837363534333231") == "9000");
    CHECK(card.send("002C008010" + puk_right + pin_right) == "63C2");
    CHECK(card.send("002C0080103837363534333231" + pin_right) == "9000");
    CHECK(card.send(verify_right) == "9000");
}
