// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/bytes.hpp"
#include "daemon/core/pin_rules.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;

namespace {

PinValue pin(std::string_view text) {
    PinValue value;
    value.append(as_bytes(text));
    return value;
}

} // namespace

TEST_CASE("is_trivial__what_others_would_guess__is") {
    for (const char* text : {"0000", "1111", "1212", "123123", "1234", "4321", "7890", "123456", "987654",
                             "1987", "2004", "311299", "991231", "31121999", "19991231", "12341234"}) {
        CAPTURE(text);
        CHECK(is_trivial(pin(text)));
    }
}

TEST_CASE("is_trivial__what_looks_chosen_at_random__is_not") {
    for (const char* text : {"2580", "8264", "7391", "482915", "90417263", "3917", "123457", "abcd", "5"}) {
        CAPTURE(text);
        CHECK(!is_trivial(pin(text)));
    }
}

TEST_CASE("is_same__tells_by_value") {
    CHECK(is_same(pin("1234"), pin("1234")));
    CHECK(!is_same(pin("1234"), pin("12345")));
    CHECK(!is_same(pin("1234"), pin("1235")));
}
