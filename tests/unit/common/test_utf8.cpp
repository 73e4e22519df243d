// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/utf8.hpp"

#include <catch2/catch.hpp>

using namespace digisign;

namespace {

std::string printable(std::string_view text) {
    return printable_utf8(as_bytes(text));
}

} // namespace

TEST_CASE("printable_utf8__well_formed_text__stays_as_it_is") {
    for (const char* text :
         {"", "HENKILOKORTTI", "Ångström", "€", "\xF0\x9F\x94\x92", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
        CHECK(printable(text) == text);
}

TEST_CASE("printable_utf8__malformed_bytes__become_the_replacement_character") {
    const std::string r = "\xEF\xBF\xBD";
    CHECK(printable("a\xFFz") == "a" + r + "z");
    CHECK(printable("\xC3") == r);                         // cut off
    CHECK(printable("\xC0\x80") == r + r);                 // overlong
    CHECK(printable("\xE0\x80\xAF") == r + r + r);         // overlong
    CHECK(printable("\xED\xA0\x80") == r + r + r);         // surrogate
    CHECK(printable("\xF5\x80\x80\x80") == r + r + r + r); // beyond U+10FFFF
    CHECK(printable("\xE2\x82z") == r + r + "z");
    CHECK(printable("L\xE4kare") == "L" + r + "kare"); // Latin-1
}

TEST_CASE("printable_utf8__control_characters__become_spaces") {
    CHECK(printable(std::string_view("a\0b\nc\x7F", 6)) == "a b c ");
    CHECK(printable("a\x1B[31m") == "a [31m");
    CHECK(printable("\xC2\x85") == " "); // NEL
    CHECK(printable("\xC2\xA0") == "\xC2\xA0");
}
