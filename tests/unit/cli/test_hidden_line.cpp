// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/hidden_line.hpp"

#include "common/bytes.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace digisign;
using cli::HiddenLine;
using Event = HiddenLine::Event;

namespace {

constexpr char erase = '\x7F';
constexpr char kill = '\x15'; // Ctrl-U

/// What is on the line after all characters.
std::string after(std::string_view typed) {
    HiddenLine line(erase, kill);
    for (const char character : typed)
        CHECK(line.type(character) == Event::None);
    return to_string(line.value().secret());
}

} // namespace

TEST_CASE("digits__are_kept") {
    CHECK(after("12345678") == "12345678");
}

TEST_CASE("erase__takes_back_one_character_and_kill_all") {
    CHECK(after("129\x7F") == "12");
    CHECK(after("129\b3") == "123");
    CHECK(after("\x7F\x7F"
                "1") == "1");
    CHECK(after("99\x15"
                "12") == "12");
    CHECK(after("1ä\x7F"
                "2") == "12"); // both octets of it
}

TEST_CASE("arrow_and_function_keys__leave_nothing_behind") {
    CHECK(after("1\x1B[A2\x1BOP3\x1B[15~4") == "1234");
}

TEST_CASE("enter_and_end_of_file__are_told") {
    HiddenLine line(erase, kill);
    CHECK(line.type('1') == Event::None);
    CHECK(line.type('\n') == Event::Entered);
    CHECK(line.type('\r') == Event::Entered);
    CHECK(line.type('\x04') == Event::EndOfFile);
    CHECK(to_string(line.take().secret()) == "1");
    CHECK(line.value().empty());
}

TEST_CASE("control_characters_and_too_many__are_refused") {
    HiddenLine line(erase, kill);
    CHECK(line.type('\t') == Event::Refused);
    CHECK(line.type('\0') == Event::Refused);
    for (std::size_t i = 0; i < PinValue::max_length; ++i)
        CHECK(line.type('1') == Event::None);
    CHECK(line.type('1') == Event::Refused);
    CHECK(line.value().length() == PinValue::max_length);
}

TEST_CASE("clear__forgets_a_sequence_that_has_begun") {
    HiddenLine line(erase, kill);
    line.type('9');
    line.type('\x1B');
    line.type('[');
    line.clear();
    line.type('1');
    CHECK(to_string(line.value().secret()) == "1");
}
