// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/listing.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace digisign;
using namespace digisign::cli;
using Catch::Matchers::Contains;
using test::sample_now;
using test::sample_state;

TEST_CASE("status__names_pcscd_readers_and_card") {
    const std::string text = status_text(sample_state());
    CHECK_THAT(text, Contains("pcscd: running\n"));
    CHECK_THAT(text, Contains("Reader A: HENKILÖKORTTI TEST (FINEID v4.0, serial number 460001), ready\n"));
    CHECK_THAT(text, Contains("Reader B: no card\n"));
}

TEST_CASE("listing__shows_tries_keys_and_certificates") {
    const std::string text = listing_text(sample_state(), sample_now);
    CHECK_THAT(text, Contains("11  PIN 1 (basic), 5 tries left\n"));
    CHECK_THAT(text, Contains("82  PIN 2 (signature), 3 tries left\n"));
    CHECK_THAT(text,
               Contains("46  signature key, EC 384 bits, PIN 2 for each signature (non-repudiation)\n"));
    CHECK_THAT(text,
               Contains("BBBBBB0000000001  SPECIMEN TEST 460001, signature, id 46, until 2029-12-31\n"));
}

TEST_CASE("listing__marks_what_is_locked_or_expired") {
    client::DaemonState state = sample_state();
    state.pins.front().state = client::PinState::Blocked;
    state.pins.front().tries_left = 0;
    state.certificates.front().not_after = 1714521600;
    const std::string text = listing_text(state, sample_now);
    CHECK_THAT(text, Contains("PIN 1 (basic), LOCKED\n"));
    CHECK_THAT(text, Contains("EXPIRED 2024-05-01\n"));
}

TEST_CASE("listing__of_a_hostile_card__has_no_escape_sequences") {
    client::DaemonState state = sample_state();
    const std::string hostile = "x\x1B]0;title\x07\x1B[2J\xC2\x9B\n";
    state.readers.front().name = state.tokens.front().label = state.tokens.front().serial_number = hostile;
    state.pins.front().label = state.keys.front().label = state.certificates.front().label = hostile;
    state.certificates.front().subject = state.certificates.front().email = "CN=" + hostile;
    state.tokens.front().warnings = {hostile};
    for (const std::string& text :
         {status_text(state), listing_text(state, sample_now), listing_json(state, sample_now),
          certificate_text(state, state.certificates.front(), sample_now)}) {
        CHECK(std::ranges::none_of(
            text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7F'; }));
        CHECK(text.find("\xC2\x9B") == std::string::npos);
    }
}

TEST_CASE("json__has_the_documented_members") {
    const auto listing = nlohmann::json::parse(listing_json(sample_state(), sample_now));
    CHECK(listing["schema"] == 1);
    CHECK(listing["pcsc"] == "available");
    REQUIRE(listing["readers"].size() == 2);
    CHECK(listing["readers"][1]["card"].is_null());
    CHECK(listing["readers"][1]["pinPad"] == true);
    const auto& card = listing["readers"][0]["card"];
    CHECK(card["label"] == "HENKILÖKORTTI TEST");
    CHECK(card["pins"][1]["role"] == "signature");
    CHECK(card["pins"][1]["triesLeft"] == 3);
    CHECK(card["keys"][1]["pin"] == "82");
    CHECK(card["certificates"][1]["notAfter"] == "2029-12-31T23:59:59Z");
    CHECK(card["certificates"][1]["expired"] == false);
    CHECK(card["certificates"][1]["key"] == "46");
    CHECK(card["certificates"][2]["key"].is_null());
}

TEST_CASE("certificate__is_shown_with_key_and_place") {
    const client::DaemonState state = sample_state();
    const std::string text = certificate_text(state, state.certificates[1], sample_now);
    CHECK_THAT(text, Contains("Valid:         2024-01-01 to 2029-12-31\n"));
    CHECK_THAT(text, Contains("Purpose:       signature (nonRepudiation)\n"));
    CHECK_THAT(text, Contains("Key:           EC 384 bits, PIN 2 for each signature\n"));
    CHECK_THAT(text, Contains("Reader:        Reader A\n"));
    CHECK_THAT(text, !Contains("E-mail"));
}
