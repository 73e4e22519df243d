// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/key.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace digisign::configuration;
using namespace std::chrono_literals;

namespace {

const Key& key(std::string_view section, std::string_view name) {
    const Key* found = find_key(section, name);
    REQUIRE(found != nullptr);
    return *found;
}

} // namespace

TEST_CASE("every_key__has_a_name_of_its_own_a_meaning_and_possible_values") {
    std::set<std::string> names;
    const Settings defaults;
    for (const Key& one : keys()) {
        const std::string name = full_name(one);
        INFO(name);
        CHECK(names.insert(name).second);
        CHECK(one.meaning.ends_with('.'));
        for (const Value& value : {one.get(defaults), one.strictest}) {
            CHECK(value.index() == one.get(defaults).index());
            CHECK(parse_value(one, value_text(value)) == value);
        }
    }
    CHECK(names.size() == 9);
}

TEST_CASE("set__changes_what_get_returns_and_nothing_else") {
    for (const Key& one : keys()) {
        INFO(full_name(one));
        const Value other = one.get(Settings()) == Value(true) ? Value(false)
                            : one.shortest > 0s                ? Value(one.longest)
                                                               : Value(PinPadUse::Never);
        Settings settings;
        one.set(settings, other);
        CHECK(one.get(settings) == other);
        one.set(settings, one.get(Settings()));
        CHECK(settings == Settings());
    }
}

TEST_CASE("defaults__are_those_of_the_manual") {
    const Settings settings;
    CHECK(settings.login.allowed);
    CHECK(settings.login.idle_limit == 15min);
    CHECK(settings.login.end_on_screen_lock);
    CHECK(settings.login.end_on_suspend);
    CHECK(settings.prompt.timeout == 5min);
    CHECK(settings.card.timeout == 30s);
    CHECK(settings.pin.warn_trivial);
    CHECK(settings.pin.pin_pad == PinPadUse::Prefer);
    CHECK(settings.pin.pin_pad_timeout == 60s);
}

TEST_CASE("durations__are_read_with_and_without_unit") {
    const Key& idle_limit = key("login", "idle-limit");
    CHECK(parse_value(idle_limit, "90") == Value(90s));
    CHECK(parse_value(idle_limit, "90s") == Value(90s));
    CHECK(parse_value(idle_limit, "15min") == Value(std::chrono::seconds(15min)));
    CHECK(parse_value(idle_limit, "2h") == Value(std::chrono::seconds(2h)));
    CHECK(parse_value(idle_limit, "0") == Value(0s));
    CHECK(parse_value(idle_limit, "0min") == Value(0s));
}

TEST_CASE("what_is_no_duration__is_refused") {
    for (const char* text : {"", "min", "15 min", "15m", "15minutes", "-1", "+1", "1.5h", "0x10", "yes",
                             "1min30s", "99999999999999999999", "4294967295h", " 1", "1 "}) {
        INFO(text);
        CHECK_FALSE(parse_value(key("login", "idle-limit"), text));
    }
}

TEST_CASE("durations_out_of_range__are_refused") {
    CHECK(parse_value(key("login", "idle-limit"), "24h"));
    CHECK_FALSE(parse_value(key("login", "idle-limit"), "86401s"));
    CHECK(parse_value(key("prompt", "timeout"), "30s"));
    CHECK(parse_value(key("prompt", "timeout"), "30min"));
    CHECK_FALSE(parse_value(key("prompt", "timeout"), "29s"));
    CHECK_FALSE(parse_value(key("prompt", "timeout"), "31min"));
    CHECK_FALSE(parse_value(key("prompt", "timeout"), "0"));
    CHECK_FALSE(parse_value(key("card", "timeout"), "4s"));
    CHECK_FALSE(parse_value(key("pin", "pin-pad-timeout"), "241s"));
}

TEST_CASE("words__are_those_of_the_key") {
    CHECK(parse_value(key("login", "allowed"), "no") == Value(false));
    CHECK(parse_value(key("login", "allowed"), "true") == Value(true));
    CHECK(parse_value(key("login", "allowed"), "off") == Value(false));
    CHECK_FALSE(parse_value(key("login", "allowed"), "never"));
    CHECK_FALSE(parse_value(key("login", "allowed"), "No"));
    CHECK_FALSE(parse_value(key("login", "allowed"), "0"));
    CHECK(parse_value(key("pin", "pin-pad"), "never") == Value(PinPadUse::Never));
    CHECK_FALSE(parse_value(key("pin", "pin-pad"), "no"));
}

TEST_CASE("values__are_written_as_a_person_would") {
    CHECK(value_text(Value(0s)) == "0");
    CHECK(value_text(Value(90s)) == "90s");
    CHECK(value_text(Value(120s)) == "2min");
    CHECK(value_text(Value(std::chrono::seconds(24h))) == "24h");
    CHECK(value_text(Value(true)) == "yes");
    CHECK(value_text(Value(PinPadUse::Prefer)) == "prefer");
    CHECK(allowed_values(key("login", "idle-limit")) == "0 (never), or 1s to 24h");
    CHECK(allowed_values(key("prompt", "timeout")) == "30s to 30min");
    CHECK(allowed_values(key("pin", "warn-trivial")) == "yes or no");
    CHECK(allowed_values(key("pin", "pin-pad")) == "prefer or never");
}

TEST_CASE("key_that_does_not_exist__is_not_found") {
    CHECK(find_key("login", "timeout") == nullptr);
    CHECK(find_key("", "") == nullptr);
}
