// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pin_policy.hpp"

#include "common/error.hpp"
#include "tests/fakes/pin.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;

namespace {

PinDescription signature_pin() {
    PinDescription pin;
    pin.label = "PIN 2 (signature)";
    pin.min_length = 6;
    pin.max_length = 12;
    return pin;
}

std::optional<Error> check(const PinDescription& pin, std::string_view value) {
    try {
        check_pin(pin, fakes::pin_value(value));
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

} // namespace

TEST_CASE("check_pin__within_the_rules__passes") {
    CHECK_FALSE(check(signature_pin(), "123456"));
    CHECK_FALSE(check(signature_pin(), "123456789012"));
    PinDescription text = signature_pin();
    text.only_digits = false;
    CHECK_FALSE(check(text, "pass phrase"));
}

TEST_CASE("check_pin__too_short_or_too_long__says_the_rule_and_not_the_value") {
    const std::string value = GENERATE("", "12345", "1234567890123");
    const auto error = check(signature_pin(), value);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::PinLengthInvalid);
    CHECK(std::string(error->what()) == "PIN 2 (signature) has 6 to 12 digits");
}

TEST_CASE("check_pin__one_length_only__says_so") {
    PinDescription pin = signature_pin();
    pin.max_length = 6;
    CHECK(std::string(check(pin, "1")->what()) == "PIN 2 (signature) has 6 digits");
}

TEST_CASE("check_pin__letters_where_digits_belong__throws_pin_characters_invalid") {
    const auto error = check(signature_pin(), GENERATE("12345a", "12 456", "١٢٣"));
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::PinCharactersInvalid);
}
