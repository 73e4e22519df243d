// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string verify_pin1 = "002000110C";
const std::string verify_pin2 = "002000820C";
const std::string change_pin1 = "0024001118";
const std::string unblock_pin1 = "002C001118";
const std::string unblock_pin2 = "002C008218";

std::string verify(TestCard& card, const std::string& command, std::string_view block) {
    return card.send(concat({command, block}));
}

/// GET DATA without Le, and GET RESPONSE with what it announced.
std::string pin_information(TestCard& card, std::string_view reference) {
    const std::string waiting = card.send(concat({"00CB00FF05A0038301", reference}));
    return waiting == "6125" ? card.send("00C0000025") : waiting;
}

} // namespace

TEST_CASE("pin__command_before_select_application__says_6d00") {
    TestCard card("fineid-v4");
    CHECK(verify(card, verify_pin1, block_1234) == "6D00");
    CHECK(card.send(concat({change_pin1, block_1234, block_9999})) == "6D00");
    CHECK(card.send(concat({unblock_pin1, block_puk, block_9999})) == "6D00");
    card.select_application();
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(card.send("00A4000C023F00") == "9000"); // the MF, and so out of the application
    CHECK(verify(card, verify_pin1, block_1234) == "6D00");
}

TEST_CASE("verify__right_pin__is_verified_until_reset") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00200011") == "63C5");
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(card.send("00200011") == "9000");
    CHECK(card.send("0020001100") == "9000");
    CHECK(card.send("00A4080C024331") == "9000"); // reading a certificate in between does no harm
    CHECK(card.send("00200011") == "9000");
    card.reset();
    card.select_application();
    CHECK(card.send("00200011") == "63C5");
}

TEST_CASE("select_application__pins_verified__spares_the_global_one_alone") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(verify(card, verify_pin2, block_123456) == "9000");
    card.select_application();
    CHECK(card.send("00200011") == "9000");
    CHECK(card.send("00200082") == "63C5");
    CHECK(verify(card, verify_pin2, block_123456) == "9000");
    CHECK(card.send("00A4000C023F00") == "9000"); // the MF
    card.select_application();
    CHECK(card.send("00200011") == "9000");
    CHECK(card.send("00200082") == "63C5");
}

TEST_CASE("verify__p1_ff__takes_the_verification_back") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(verify(card, verify_pin2, block_123456) == "9000");
    CHECK(card.send("0020FF11") == "9000");
    CHECK(card.send("00200011") == "63C5");
    CHECK(card.send("00200082") == "9000");
}

TEST_CASE("verify__wrong_pin_five_times__is_blocked_also_for_the_right_one") {
    TestCard card("fineid-v4");
    card.select_application();
    for (const char* expected : {"63C4", "63C3", "63C2", "63C1", "63C0"})
        CHECK(verify(card, verify_pin1, block_9999) == expected);
    CHECK(verify(card, verify_pin1, block_1234) == "6983");
    CHECK(card.send("00200011") == "6983");
    CHECK(card.state().pins.at("pin1").tries_left == 0);
    CHECK(card.state().pins.at("pin2").tries_left == 5);
}

TEST_CASE("verify__right_pin_after_wrong_ones__gives_all_tries_back") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(verify(card, verify_pin1, block_9999) == "63C4");
    CHECK(verify(card, verify_pin1, block_9999) == "63C3");
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(card.state().pins.at("pin1").tries_left == 5);
}

TEST_CASE("verify__wrong_pin_while_verified__is_not_verified_any_more") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
    CHECK(verify(card, verify_pin1, block_9999) == "63C4");
    CHECK(card.send("00200011") == "63C4");
}

TEST_CASE("verify__padding_other_than_zero__says_6a80_and_costs_a_try") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(verify(card, verify_pin1, "31323334FFFFFFFFFFFFFFFF") == "6A80");
    CHECK(card.send("00200011") == "63C4");
    CHECK(verify(card, verify_pin1, "313233340000000000000031") == "6A80");
    CHECK(card.send("00200011") == "63C3");
}

TEST_CASE("verify__unpadded_pin__says_6700_and_costs_nothing") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("002000110431323334") == "6700");
    CHECK(card.send("00200011") == "63C5");
}

TEST_CASE("verify__unknown_reference__says_6a88") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00200003") == "6A88");
    CHECK(card.send("00200081") == "6A88");
}

TEST_CASE("change__right_old_pin__sets_the_new_one_without_verifying_it") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({change_pin1, block_1234, block_9999})) == "9000");
    CHECK(card.send("00200011") == "63C5");
    CHECK(verify(card, verify_pin1, block_1234) == "63C4");
    CHECK(verify(card, verify_pin1, block_9999) == "9000");
}

TEST_CASE("change__wrong_old_pin__costs_a_try_and_changes_nothing") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({change_pin1, block_9999, block_9999})) == "63C4");
    CHECK(verify(card, verify_pin1, block_1234) == "9000");
}

TEST_CASE("change__new_pin_too_short__says_6a80_and_costs_nothing") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({change_pin1, block_1234, "313233000000000000000000"})) == "6A80");
    CHECK(card.send(concat({"0024008218", block_123456, "313233343500000000000000"})) == "6A80");
    CHECK(card.send("00200011") == "63C5");
    CHECK(card.send("00200082") == "63C5");
}

TEST_CASE("change__only_one_block__says_6700") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({"002400110C", block_1234})) == "6700");
}

TEST_CASE("unblock__right_puk__sets_the_pin_and_its_tries") {
    TestCard card("fineid-v4");
    card.select_application();
    for (int i = 0; i < 5; ++i)
        verify(card, verify_pin1, block_9999);
    REQUIRE(card.send("00200011") == "6983");
    CHECK(card.send(concat({unblock_pin1, block_puk, block_9999})) == "9000");
    CHECK(card.send("00200011") == "63C5"); // not verified by that
    CHECK(verify(card, verify_pin1, block_9999) == "9000");
}

TEST_CASE("unblock__wrong_puk_five_times__puk_is_dead_for_good") {
    TestCard card("fineid-v4");
    card.select_application();
    for (const char* expected : {"63C4", "63C3", "63C2", "63C1", "63C0"})
        CHECK(card.send(concat({unblock_pin1, block_wrong_puk, block_9999})) == expected);
    CHECK(card.send(concat({unblock_pin1, block_puk, block_9999})) == "6983");
    CHECK(card.send(concat({unblock_pin2, block_puk, block_654321})) == "6983");
    CHECK(verify(card, verify_pin1, block_1234) == "9000"); // the PIN itself still works
    CHECK(pin_information(card, "83").substr(40, 2) == "00");
}

TEST_CASE("unblock__reference_of_the_puk_itself__says_6a88") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send(concat({"002C008318", block_puk, block_puk})) == "6A88");
}

TEST_CASE("get_data__each_pin__has_the_layout_of_the_specification") {
    TestCard card("fineid-v4");
    card.select_application();
    // What a real card answers for PIN 1, byte for byte.
    CHECK(pin_information(card, "11") ==
          "A0238301118C04F00000009C04F0000000DF210405FFA503DF2702FFFFDF28010CDF2F01019000");
    CHECK(pin_information(card, "82") ==
          "A0238301828C04F00000009C04F0000000DF210405FFA503DF2702FFFFDF28010CDF2F01019000");
    CHECK(pin_information(card, "83") ==
          "A0238301838C04F00000009C04F0000000DF210405FFA503DF2702FFFFDF28010CDF2F01019000");
    CHECK(pin_information(card, "03") == "6A88");
    verify(card, verify_pin1, block_9999);
    CHECK(pin_information(card, "11").substr(40, 8) == "04FFA503");
    CHECK(card.send("00200011") == "63C4"); // asking costs nothing
}

TEST_CASE("get_data__with_le_under_t0__says_6700") {
    TestCard card("fineid-v4");
    card.select_application();
    CHECK(card.send("00CB00FF05A00383011100") == "6700");
}

TEST_CASE("activation__blocked_pins__puk_sets_both") {
    TestCard card("fineid-v4", Activation::BlockedPins);
    card.select_application();
    CHECK(card.send("00200011") == "6983");
    CHECK(card.send("00200082") == "6983");
    CHECK(verify(card, verify_pin1, block_1234) == "6983");
    CHECK(card.send(concat({change_pin1, block_1234, block_9999})) == "6983");
    CHECK(pin_information(card, "11") ==
          "A0238301118C04F00000009C04F0000000DF210400FFA503DF2702FFFFDF28010CDF2F01009000");
    CHECK(card.send(concat({unblock_pin1, block_puk, block_9999})) == "9000");
    CHECK(pin_information(card, "11") ==
          "A0238301118C04F00000009C04F0000000DF210405FFA503DF2702FFFFDF28010CDF2F01019000");
    CHECK(card.send("00200082") == "6983"); // one of two is done
    CHECK(card.send(concat({unblock_pin2, block_puk, block_654321})) == "9000");
    CHECK(verify(card, verify_pin1, block_9999) == "9000");
    CHECK(verify(card, verify_pin2, block_654321) == "9000");
}

TEST_CASE("activation__factory_pins__each_is_changed_with_the_code_once") {
    const std::string_view code = "373635343332310000000000";
    TestCard card("fineid-v4", Activation::FactoryPins);
    card.select_application();
    CHECK(card.send("00200011") == "63C5"); // looks like any other PIN
    CHECK(pin_information(card, "11") ==
          "A0238301118C04F00000009C04F0000000DF210405FFA503DF2702FFFFDF28010CDF2F01009000");
    CHECK(verify(card, verify_pin1, code) == "6984");
    CHECK(card.send(concat({change_pin1, code, block_9999})) == "9000");
    CHECK(card.send(concat({"0024008218", code, block_654321})) == "9000");
    CHECK(pin_information(card, "11").substr(72, 2) == "01");
    CHECK(pin_information(card, "82").substr(72, 2) == "01");
    CHECK(verify(card, verify_pin1, block_9999) == "9000");
    CHECK(verify(card, verify_pin2, block_654321) == "9000");
    CHECK(card.send(concat({change_pin1, code, block_1234})) == "63C4");  // single use
    CHECK(card.send(concat({unblock_pin1, code, block_1234})) == "63C4"); // and it is no PUK
}

TEST_CASE("activation__factory_pins_wrong_code__counts_tries") {
    TestCard card("fineid-v4", Activation::FactoryPins);
    card.select_application();
    for (const char* expected : {"63C4", "63C3", "63C2", "63C1", "63C0"})
        CHECK(card.send(concat({change_pin1, block_9999, block_1234})) == expected);
    CHECK(card.send(concat({change_pin1, "373635343332310000000000", block_1234})) == "6983");
}
