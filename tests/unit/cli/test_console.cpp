// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/console.hpp"

#include <catch2/catch.hpp>

#include <string>

using digisign::cli::printable;

TEST_CASE("ordinary_text__is_printed_as_it_is") {
    CHECK(printable("Hämäläinen €") == "Hämäläinen €");
}

TEST_CASE("escape_sequences__lose_their_escape") {
    CHECK(printable("a\x1B[2Jb") == "a [2Jb");
    CHECK(printable("a\x07\x08\r\nb") == "a    b");
    CHECK(printable("a\x7F"
                    "b") == "a b");
    CHECK(printable("a\xC2\x9B"
                    "2Jb") == "a 2Jb"); // CSI as a single C1 character
}

TEST_CASE("octets_that_are_not_utf8__are_replaced") {
    CHECK(printable("a\xFF"
                    "b") == "a\uFFFDb");
    CHECK(printable("a\x9B"
                    "b") == "a\uFFFDb"); // CSI of ISO 8859-1
    CHECK(printable("\xC3") == "\uFFFD");
}

TEST_CASE("characters_that_turn_the_direction__are_taken_out") {
    CHECK(printable("invoice\u202Efdp.exe") == "invoice fdp.exe");
    CHECK(printable("a\u2066b\u2069c") == "a b c");
    CHECK(printable("a\u2028b") == "a b"); // line separator
}
