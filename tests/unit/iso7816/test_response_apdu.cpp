// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/response_apdu.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::iso7816;

TEST_CASE("parse__answer_with_data__splits_off_the_status_word") {
    const auto response = ResponseApdu::parse(Bytes{0x01, 0x02, 0x90, 0x00});
    REQUIRE(response);
    CHECK(response->data == Bytes{0x01, 0x02});
    CHECK(response->is_success());
}

TEST_CASE("parse__less_than_a_status_word__is_nothing") {
    CHECK_FALSE(ResponseApdu::parse({}));
    CHECK_FALSE(ResponseApdu::parse(Bytes{0x90}));
    CHECK(ResponseApdu::parse(Bytes{0x6A, 0x82})->status == sw::file_not_found);
}

TEST_CASE("tries_left__only_63Cx__tells_a_number") {
    CHECK(StatusWord{0x63C0}.tries_left() == 0u);
    CHECK(StatusWord{0x63CF}.tries_left() == 15u);
    CHECK_FALSE(StatusWord{0x6300}.tries_left());
    CHECK_FALSE(StatusWord{0x63D1}.tries_left());
    CHECK_FALSE(StatusWord{0x9000}.tries_left());
}

TEST_CASE("describe__known_words__have_a_name_behind_the_number") {
    CHECK(describe(sw::file_not_found) == "6A82 (file not found)");
    CHECK(describe({0x63C2}) == "63C2 (wrong PIN, 2 tries left)");
    CHECK(describe({0x63C1}) == "63C1 (wrong PIN, 1 try left)");
    CHECK(describe({0x6110}) == "6110 (more data available)");
    CHECK(describe({0x6C60}) == "6C60 (wrong expected length)");
    CHECK(describe({0x6F00}) == "6F00 (card reports an internal error)");
    CHECK(describe({0x1234}) == "1234 (unknown status)");
    for (const unsigned word :
         {0x9000u, 0x6282u, 0x6700u, 0x6881u, 0x6882u, 0x6982u, 0x6983u, 0x6984u, 0x6985u, 0x6986u, 0x6988u,
          0x6999u, 0x6A80u, 0x6A84u, 0x6A86u, 0x6A88u, 0x6B00u, 0x6D00u})
        CHECK(describe({static_cast<std::uint16_t>(word)}).find("unknown") == std::string::npos);
}
