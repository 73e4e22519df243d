// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/ini_file.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace digisign::configuration;

namespace {

/// One text per line, "3 section.name=value" or "3 malformed".
std::vector<std::string> summary(std::string_view text) {
    std::vector<std::string> result;
    for (const IniLine& line : read_ini(text)) {
        std::string entry = std::to_string(line.number);
        if (line.kind == IniLine::Kind::Malformed)
            entry += " malformed";
        else
            entry += " " + std::string(line.section) + "." + std::string(line.name) + "=" +
                     std::string(line.value);
        result.push_back(entry);
    }
    return result;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("sections_keys_comments_and_empty_lines__are_told_apart") {
    CHECK(summary("# comment\n\n[a]\nx = 1\n  # indented comment = 2\ny=two words\n[ b ]\n\tz =\n") ==
          Lines{"4 a.x=1", "6 a.y=two words", "8 b.z="});
}

TEST_CASE("value_with_equals_and_hash__is_taken_as_it_is") {
    CHECK(summary("[a]\nx = 1 = 2 # no comment\n") == Lines{"2 a.x=1 = 2 # no comment"});
}

TEST_CASE("last_line_without_end_and_dos_line_ends__are_read") {
    CHECK(summary("[a]\r\nx = 1\r\ny = 2") == Lines{"2 a.x=1", "3 a.y=2"});
}

TEST_CASE("lines_of_no_meaning__are_malformed") {
    CHECK(summary("x = 1\n[a]\nword\n[b\n[]\n= 1\nx = 2\n") ==
          Lines{"1 malformed", "3 malformed", "4 malformed", "5 malformed", "6 malformed", "7 a.x=2"});
}

TEST_CASE("nothing__says_nothing") {
    CHECK(summary("").empty());
    CHECK(summary("\n\n").empty());
}

TEST_CASE("arbitrary_octets__do_no_harm") {
    const std::string octets("\0[\xFF]\n\xFE=\0\n", 9);
    CHECK(read_ini(octets).size() == 2);
}
