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
    state.pins.front().reference = hostile;
    client::Login login;
    login.pin = state.pins.front().path;
    login.token = state.tokens.front().path;
    login.executable = login.unit = login.sandbox = login.terminal = hostile;
    const Tokens tokens{&state.tokens.front()};
    for (const std::string& text :
         {status_text(state), listing_text(state, sample_now), listing_json(state, sample_now),
          pin_listing_text(state, tokens), pin_listing_json(state, tokens), key_listing_text(state, tokens),
          key_listing_json(state, tokens), login_listing_text(state, {login}),
          login_listing_json(state, {login}),
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

TEST_CASE("pins__are_listed_with_role_length_puk_and_state") {
    client::DaemonState state = sample_state();
    state.pins[1].state = client::PinState::Blocked;
    const Tokens tokens{&state.tokens.front()};
    CHECK_THAT(pin_listing_text(state, tokens),
               Contains("HENKILÖKORTTI TEST (FINEID v4.0, serial number 460001) in Reader A\n") &&
                   Contains("  11   authentication  PIN 1 (basic)        4-12    yes  5 tries left\n") &&
                   Contains("  82   signature       PIN 2                6-12    -    LOCKED\n"));
    test::add_puk(state);
    const std::string text = pin_listing_text(state, {&state.tokens.front()});
    CHECK_THAT(text, Contains(" 4-12    83   5 tries left\n") &&
                         Contains("  83   puk             PUK                  8       -"));
}

TEST_CASE("pins_as_json__have_the_documented_members") {
    client::DaemonState state = sample_state();
    test::add_puk(state);
    state.pins[1].tries_left.reset();
    const auto listing = nlohmann::json::parse(pin_listing_json(state, {&state.tokens.front()}));
    CHECK(listing["schema"] == 1);
    REQUIRE(listing["cards"].size() == 1);
    const auto& card = listing["cards"][0];
    CHECK(card["reader"] == "Reader A");
    CHECK(card["serialNumber"] == "460001");
    CHECK(card["state"] == "ready");
    REQUIRE(card["pins"].size() == 3);
    CHECK(card["pins"][0] == nlohmann::json{{"reference", "11"},
                                            {"label", "PIN 1 (basic)"},
                                            {"role", "authentication"},
                                            {"state", "usable"},
                                            {"triesLeft", 5},
                                            {"minLength", 4},
                                            {"maxLength", 12},
                                            {"canChange", true},
                                            {"canUnblock", true},
                                            {"puk", "83"}});
    CHECK(card["pins"][1]["triesLeft"].is_null());
    CHECK(card["pins"][2]["puk"].is_null());
}

TEST_CASE("keys__are_listed_with_pin_and_certificate") {
    const client::DaemonState state = sample_state();
    const Tokens tokens{&state.tokens.front()};
    CHECK_THAT(key_listing_text(state, tokens),
               Contains("  46  signature key, EC 384 bits, PIN 2 for each signature (non-repudiation)\n"
                        "      certificate BBBBBB0000000001  SPECIMEN TEST 460001\n"));
    const auto listing = nlohmann::json::parse(key_listing_json(state, tokens));
    REQUIRE(listing["cards"][0]["keys"].size() == 2);
    CHECK(listing["cards"][0]["keys"][1]["id"] == "46");
    CHECK(listing["cards"][0]["keys"][1]["certificates"][0] == "BBBBBB0000000001");
}

TEST_CASE("logins__tell_who_where_and_since_when") {
    const client::DaemonState state = sample_state();
    client::Login login;
    login.id = 3;
    login.token = state.tokens.front().path;
    login.pin = state.pins.front().path;
    login.since = 1735689600;
    login.last_used = 1735689665;
    CHECK_THAT(login_listing_text(state, {login}),
               Contains("3  PIN 1 (basic) of HENKILÖKORTTI TEST\n   by an unknown program\n   since 20"));
    login.pid = 42;
    login.executable = "/usr/bin/firefox";
    login.sandbox = "snap:firefox";
    CHECK_THAT(login_listing_text(state, {login}),
               Contains("by /usr/bin/firefox, process 42, snap:firefox\n"));
    const auto listing = nlohmann::json::parse(login_listing_json(state, {login}));
    const auto& entry = listing["logins"][0];
    CHECK(entry["id"] == 3);
    CHECK(entry["card"]["serialNumber"] == "460001");
    CHECK(entry["pin"] == "11");
    CHECK(entry["since"] == "2025-01-01T00:00:00Z");
    CHECK(entry["lastUsed"] == "2025-01-01T00:01:05Z");
    CHECK(entry["pid"] == 42);
    CHECK(entry["unit"].is_null());
}

TEST_CASE("login_on_a_card_that_is_gone__is_listed_all_the_same") {
    client::Login login;
    login.pin = "/gone/pin/11";
    CHECK_THAT(login_listing_text(sample_state(), {login}), Contains("a PIN of a card"));
    const auto listing = nlohmann::json::parse(login_listing_json(sample_state(), {login}));
    CHECK(listing["logins"][0]["card"].is_null());
    CHECK(login_listing_text(sample_state(), {}) == "No program is logged in.\n");
}
