// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/driver.hpp"

#include "common/error.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;

TEST_CASE("historical_bytes__atrs_of_cards_in_use__are_found_behind_the_interface_bytes") {
    CHECK(to_hex(historical_bytes(hex("3B7F96000080 31B865B0850500111224 60829000"))) ==
          "8031B865B085050011122460829000");
    CHECK(to_hex(historical_bytes(hex("3BF51800008131FE454D794549449A"))) == "4D79454944");
    CHECK(to_hex(historical_bytes(hex("3B8F8001 8031B865B0850402 1B1200F6829000BC"))) ==
          "8031B865B08504021B1200F6829000");
    CHECK(to_hex(historical_bytes(hex("3B0201 02"))) == "0102");
}

TEST_CASE("historical_bytes__atr_cut_short__are_none") {
    const Bytes atr = hex("3BF51800008131FE454D794549449A");
    for (std::size_t length = 0; length < atr.size() - 1; ++length)
        CHECK(historical_bytes(ByteView(atr).first(length)).empty());
    CHECK(historical_bytes(hex("3BFF80808080808080")).empty());
}

TEST_CASE("matches_historical_bytes__wildcards__match_any_byte") {
    const Bytes atr = hex("3B0401020304");
    CHECK(matches_historical_bytes(atr, "01 02"));
    CHECK(matches_historical_bytes(atr, "02 .. 04"));
    CHECK_FALSE(matches_historical_bytes(atr, "02 04"));
    CHECK_FALSE(matches_historical_bytes(atr, "04 .."));
    CHECK_FALSE(matches_historical_bytes(atr, ""));
}

TEST_CASE("all_drivers__descriptors__are_complete_and_in_order_of_priority") {
    std::set<std::string_view> names;
    int priority = all_drivers().front()->priority;
    for (const Driver* driver : all_drivers()) {
        CHECK(names.insert(driver->name).second);
        CHECK(driver->open != nullptr);
        CHECK(driver->priority <= priority);
        priority = driver->priority;
    }
    CHECK(all_drivers().back()->historical_bytes.empty()); // the one for any card
}

TEST_CASE("open_card__card_of_no_known_kind__throws_card_unrecognized_with_its_atr") {
    fakes::FileCard card(GENERATE(Protocol::T0, Protocol::T1));
    card.add_file("2F00", hex("61064F04A0000001"));
    fakes::CardChannel channel(Protocol::T0, card.model());
    Transaction transaction(channel);
    PublicDataCache cache("");
    try {
        (void)open_card(transaction, hex("3B020102"), cache);
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::CardUnrecognized);
        CHECK(std::string(error.what()).find("3B020102") != std::string::npos);
    }
    CHECK(transaction.apdu_count() < 12);
}
