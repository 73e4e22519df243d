// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/error.hpp"
#include "documents/pdf/text_string.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::documents;
using namespace std::string_literals;

TEST_CASE("pdf_text_string__ascii__stays_as_it_is") {
    CHECK(pdf_text_string("", "reason").empty());
    CHECK(pdf_text_string("I agree (twice)", "reason") == "I agree (twice)");
}

TEST_CASE("pdf_text_string__other_characters__become_utf16_with_byte_order_mark") {
    CHECK(pdf_text_string("Å", "name") == "\xFE\xFF\x00\xC5"s);
    CHECK(pdf_text_string("a€", "name") == "\xFE\xFF\x00\x61\x20\xAC"s);
    CHECK(pdf_text_string("🖋", "name") == "\xFE\xFF\xD8\x3D\xDD\x8B"s);
}

TEST_CASE("pdf_text_string__bytes_that_are_no_text__is_invalid_argument") {
    const std::string text =
        GENERATE("\xC3"s, "\xFF"s, "\xC0\x80"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s,
                 "\x80"s, "a\xC3(", "line\nbreak"s, "\x7F"s, "nul\0"s);
    try {
        pdf_text_string(text, "reason");
        FAIL("it was accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::InvalidArgument);
        CHECK(std::string(error.what()).find("reason") != std::string::npos);
    }
}

TEST_CASE("pdf_date__any_second__is_written_in_utc") {
    CHECK(pdf_date(std::chrono::sys_seconds{std::chrono::seconds{0}}) == "D:19700101000000Z");
    CHECK(pdf_date(std::chrono::sys_seconds{std::chrono::seconds{1'709'251'199}}) == "D:20240229235959Z");
}
