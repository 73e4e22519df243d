// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/command_line.hpp"

#include <CLI/Error.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace digisign::cli;

namespace {

/// Parses without doing anything.
CommandLine parse(const std::string& arguments) {
    CommandLine command_line;
    make_parser(command_line)->parse(arguments);
    return command_line;
}

} // namespace

TEST_CASE("every_verb__is_understood_and_has_an_action") {
    for (const char* arguments :
         {"status",
          "list",
          "list --json",
          "certificate show",
          "certificate show 46",
          "certificate save 46 out.pem",
          "certificate save 46 out.der --format der --overwrite",
          "sign a.pdf",
          "sign a.pdf --output b.pdf --certificate 46 --reason r --location l --contact c --name n "
          "--overwrite --pin-fd 3",
          "pin list",
          "pin list --json --reader A",
          "pin verify",
          "pin verify signature --reader A --pin-fd 0",
          "pin change",
          "pin change 82 --pin-fd 3 --new-pin-fd 4",
          "pin unblock",
          "pin unblock 11 --reader A",
          "pin unblock signature --pin-fd 3 --new-pin-fd 3",
          "activate",
          "activate --reader A --pin-fd 0 --new-pin-fd 0",
          "key list",
          "key list --reader A --json",
          "key test",
          "key test 45 --pin-fd 3",
          "logins",
          "logins --json",
          "logins --end 18446744073709551615",
          "lock",
          "config",
          "config login.idle-limit",
          "config --origin --json",
          "sign a.pdf --no-color",
          "--no-color status"}) {
        INFO(arguments);
        CHECK(parse(arguments).action);
    }
}

TEST_CASE("wrong_usage__is_a_parse_error") {
    for (const char* arguments : {"",
                                  "no-such-verb",
                                  "sign",
                                  "sign a.pdf b.pdf",
                                  "sign a.pdf --pin-fd x",
                                  "sign a.pdf --pin-fd -1",
                                  "sign a.pdf --pin 1234",
                                  "certificate",
                                  "certificate save 46",
                                  "certificate save 46 f --format xml",
                                  "pin",
                                  "status extra",
                                  "list --jso",
                                  "pin verify --new-pin-fd 3",
                                  "pin change --pin-fd 3",
                                  "pin unblock --new-pin-fd 3",
                                  "activate --pin-fd 3",
                                  "activate 11",
                                  "key",
                                  "key test 45 46",
                                  "key test --new-pin-fd 3",
                                  "logins --end",
                                  "logins --end x",
                                  "logins --end -1",
                                  "logins --end 1 --json",
                                  "lock now",
                                  "config a b",
                                  "pin change --pin-fd 3 --new-pin-fd x"}) {
        INFO(arguments);
        CHECK_THROWS_AS(parse(arguments), CLI::ParseError);
        CHECK_THROWS_AS(parse(arguments), CLI::Error);
    }
}

TEST_CASE("help_and_version__are_there_at_every_level") {
    for (const char* verb : {"", "status", "list", "certificate", "certificate show", "certificate save",
                             "sign", "pin", "pin list", "pin verify", "pin change", "pin unblock", "activate",
                             "key", "key list", "key test", "logins", "lock", "config"}) {
        INFO(verb);
        CHECK_THROWS_AS(parse(std::string(verb) + " --help"), CLI::CallForHelp);
        CHECK_THROWS_AS(parse(std::string(verb) + " --version"), CLI::CallForVersion);
    }
}

TEST_CASE("no_color__before_or_after_the_verb__is_taken") {
    CHECK(parse("--no-color status").no_color);
    CHECK(parse("certificate show --no-color").no_color);
    CHECK_FALSE(parse("status").no_color);
}
