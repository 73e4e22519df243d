// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/distinguished_name.hpp"

#include <catch2/catch.hpp>

using digisign::client::common_name;

TEST_CASE("common_name__in_any_place__is_found") {
    CHECK(common_name("CN=SPECIMEN TEST,O=Org,C=FI") == "SPECIMEN TEST");
    CHECK(common_name("C=FI,O=Org,CN=SPECIMEN TEST") == "SPECIMEN TEST");
    CHECK(common_name("serialNumber=123+CN=SPECIMEN TEST,C=FI") == "SPECIMEN TEST");
}

TEST_CASE("common_name__with_escapes__is_given_without") {
    CHECK(common_name("CN=Test\\, Inc.,C=FI") == "Test, Inc.");
    CHECK(common_name("CN=a\\+b,C=FI") == "a+b");
    CHECK(common_name("CN=M\\C3\\A4kinen,C=FI") == "Mäkinen");
    CHECK(common_name("O=CN\\=x\\,CN=no,CN=yes") == "yes");
}

TEST_CASE("name_without_common_name__is_given_whole") {
    CHECK(common_name("O=Org,C=FI") == "O=Org,C=FI");
    CHECK(common_name("").empty());
}

TEST_CASE("name_that_ends_in_a_backslash__is_read_to_its_end") {
    CHECK(common_name("CN=x\\") == "x\\");
    CHECK(common_name("O=x\\") == "O=x\\");
}
