// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string verify = "00200001";
const std::string change = "00240001";
const std::string unblock = "002C0001";

} // namespace

TEST_CASE("verify__pin_as_typed__is_verified_whatever_its_length") {
    TestCard card("pkcs15");
    card.select_application();
    CHECK(card.send(verify) == "63C3");
    CHECK(card.send(verify + "0431323334") == "9000");
    CHECK(card.send(verify) == "9000");
    CHECK(card.send("0020FF01") == "9000");
    CHECK(card.send(verify) == "63C3");
    CHECK(card.send(verify + "053132333435") == "63C2");
    CHECK(card.send(verify + "0C313233340000000000000000") == "6700");
    CHECK(card.send(verify + "03313233") == "6700");
    CHECK(card.send(verify) == "63C2");
}

TEST_CASE("change__old_and_new_value_without_border__splits_at_its_own_length") {
    TestCard card("pkcs15");
    card.select_application();
    CHECK(card.send(change + "0931323334"
                             "3536373839") == "9000");
    CHECK(card.send(verify + "053536373839") == "9000");
    CHECK(card.send(change + "083132333435"
                             "363738") == "6A80"); // the new one has too few digits
    CHECK(card.send(change + "0A3132333435"
                             "3637383930") == "63C2");
}

TEST_CASE("unblock__with_puk__new_pin_works") {
    TestCard card("pkcs15");
    card.select_application();
    for (const char* expected : {"63C2", "63C1", "63C0"})
        CHECK(card.send(verify + "0439393939") == expected);
    CHECK(card.send(verify + "0431323334") == "6983");
    CHECK(card.send(unblock + "0C3132333435363739"
                              "39393939") == "63C9");
    CHECK(card.send(unblock + "0D3132333435363738"
                              "3939393939") == "9000");
    CHECK(card.send(verify + "053939393939") == "9000");
    CHECK(card.send("00240003103132333435363738"
                    "3132333435363739") == "6A88"); // the PUK stays as it is
}

TEST_CASE("sign__pin2__is_good_for_one_signature") {
    TestCard card("pkcs15");
    card.select_application();
    const std::string sign = "002A9E9A20" + std::string(64, 'A') + "00";
    CHECK(card.send("002241B603840102") == "9000");
    CHECK(card.send(sign) == "6982");
    CHECK(card.send("0020000206313233343536") == "9000");
    CHECK(card.send(sign).size() == 2 * 64 + 4);
    CHECK(card.send(sign) == "6982");
    CHECK(card.send("002241B603840109") == "6A88");
}
