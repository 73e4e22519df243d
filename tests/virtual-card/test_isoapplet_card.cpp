// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string select_applet = "00A404000CF276A288BCFBA69D34F3100100";
const std::string verify = "00200001";
const std::string change = "0024000120";
const std::string unblock = "002C000120";
const std::string no_operation = "002A0000"; // none, but it needs the PIN
const std::string pin_1234 = "31323334000000000000000000000000";
const std::string pin_9999 = "39393939000000000000000000000000";
const std::string puk_right = "31323334353637380000000000000000";
const std::string puk_wrong = "39393939393939390000000000000000";

} // namespace

TEST_CASE("select__by_version__answers_with_it_or_leaves_it_to_get_data") {
    TestCard first("isoapplet-0.6");
    CHECK(first.send("00CA010103") == "6D00"); // nothing is selected
    CHECK(first.send(select_applet) == "0006079000");
    CHECK(first.send("00CA010103") == "6D00");
    TestCard second("isoapplet");
    CHECK(second.send(select_applet) == "9000");
    CHECK(second.send("00CA010103") == "01000F9000");
    CHECK(second.send("00CA010203") == "6A86");
}

TEST_CASE("verify__without_data__gives_the_tries_left_even_when_verified") {
    TestCard card(GENERATE("isoapplet", "isoapplet-0.6"));
    (void)card.send(select_applet);
    CHECK(card.send(verify) == "63C3");
    CHECK(card.send(no_operation) == "6982");
    CHECK(card.send(verify + "10" + pin_1234) == "9000");
    CHECK(card.send(verify) == "63C3");
    CHECK(card.send(no_operation) == "6A86");
    CHECK(card.send("00A4000C023F00") == "9000"); // a file, not another applet
    CHECK(card.send(no_operation) == "6A86");
    (void)card.send(select_applet);
    CHECK(card.send(no_operation) == "6982");
    CHECK(card.send("00200002") == "6A86"); // the PUK opens nothing by itself
}

TEST_CASE("verify__wrong_to_the_end__is_63C0_until_unblocked") {
    TestCard card("isoapplet");
    (void)card.send(select_applet);
    CHECK(card.send(verify + "10" + pin_9999) == "63C2");
    CHECK(card.send(verify + "10" + pin_9999) == "63C1");
    CHECK(card.send(verify + "10" + pin_9999) == "63C0");
    CHECK(card.send(verify + "10" + pin_1234) == "63C0");
    CHECK(card.send(change + pin_1234 + pin_9999) == "63C0");
    CHECK(card.send(unblock + puk_wrong + pin_1234) == "63C4");
    CHECK(card.send(unblock + puk_right + pin_9999) == "9000");
    CHECK(card.send(verify + "10" + pin_9999) == "9000");
}

TEST_CASE("chain__by_version__is_taken_or_refused") {
    TestCard first("isoapplet-0.6");
    (void)first.send(select_applet);
    CHECK(first.send("102A8086020011") == "9000");
    TestCard second("isoapplet");
    (void)second.send(select_applet);
    CHECK(second.send("102A8086020011") == "6884");
}

TEST_CASE("manage_security_environment__key_and_algorithm_do_not_fit__is_refused") {
    TestCard card("isoapplet-0.6");
    (void)card.send(select_applet);
    CHECK(card.send("002241B606800111840100") == "6982");
    (void)card.send(verify + "10" + pin_1234);
    CHECK(card.send("002241B606800111840100") == "9000");
    CHECK(card.send("002241B606800112840100") == "6A81"); // PSS came later
    CHECK(card.send("002241B606800121840100") == "6A81");
    CHECK(card.send("002241B806800121840101") == "6A81"); // no key agreement
    CHECK(card.send("002241B606800111840107") == "6984");
}
