// SPDX-License-Identifier: LGPL-2.1-or-later
// A daemon's state as the client sees it: one citizen card in the first of two readers.

#pragma once

#include "client/daemon_state.hpp"

#include <chrono>

namespace digisign::test {

inline constexpr char token_path[] = "/org/digisign/DigiSign1/token/1234";
inline constexpr char signature_certificate_path[] =
    "/org/digisign/DigiSign1/token/1234/certificate/BBBBBB0000000001";

/// 2025-01-01; the card's certificates are valid from 2024-01-01 to 2029-12-31.
inline constexpr std::chrono::sys_seconds sample_now{std::chrono::seconds(1735689600)};

inline client::DaemonState sample_state() {
    const std::string token = token_path;
    const std::int64_t not_before = 1704067200;
    const std::int64_t not_after = 1893455999;
    client::DaemonState state;
    state.version = "0.1.0";
    state.pcsc = client::PcscState::Available;
    state.readers = {{.path = "/reader/a",
                      .name = "Reader A",
                      .state = client::ReaderState::Present,
                      .problem = "",
                      .has_pin_pad = false,
                      .token = token},
                     {.path = "/reader/b",
                      .name = "Reader B",
                      .state = client::ReaderState::Empty,
                      .problem = "",
                      .has_pin_pad = true,
                      .token = ""}};
    state.tokens = {{.path = token,
                     .label = "HENKILÖKORTTI TEST",
                     .issuer = "TEST issuer",
                     .manufacturer = "DVV",
                     .model = "FINEID",
                     .serial_number = "460001",
                     .driver = "fineid",
                     .generation = "FINEID v4.0",
                     .state = client::TokenState::Ready,
                     .warnings = {},
                     .reader = "/reader/a"}};
    state.pins = {{.path = token + "/pin/11",
                   .token = token,
                   .reference = "11",
                   .label = "PIN 1 (basic)",
                   .role = client::PinRole::Authentication,
                   .state = client::PinState::Usable,
                   .tries_left = 5,
                   .min_length = 4,
                   .max_length = 12,
                   .can_change = true,
                   .can_unblock = true,
                   .puk = ""},
                  {.path = token + "/pin/82",
                   .token = token,
                   .reference = "82",
                   .label = "PIN 2",
                   .role = client::PinRole::Signature,
                   .state = client::PinState::Usable,
                   .tries_left = 3,
                   .min_length = 6,
                   .max_length = 12,
                   .can_change = true,
                   .can_unblock = false,
                   .puk = ""}};
    state.keys = {{.path = token + "/key/45",
                   .token = token,
                   .label = "authentication key",
                   .id = {0x45},
                   .algorithm = "EC",
                   .bits = 384,
                   .usage = {"sign"},
                   .mechanisms = {"ECDSA-SHA384"},
                   .pin = token + "/pin/11",
                   .always_authenticate = false},
                  {.path = token + "/key/46",
                   .token = token,
                   .label = "signature key",
                   .id = {0x46},
                   .algorithm = "EC",
                   .bits = 384,
                   .usage = {"non-repudiation"},
                   .mechanisms = {"ECDSA-SHA384"},
                   .pin = token + "/pin/82",
                   .always_authenticate = true}};
    state.certificates = {{.path = token + "/certificate/AAAAAA0000000001",
                           .token = token,
                           .fingerprint = "AAAAAA0000000001",
                           .label = "authentication certificate",
                           .id = {0x45},
                           .der = {0x30, 0x00},
                           .subject = "CN=SPECIMEN TEST 460001,C=FI",
                           .issuer = "CN=TEST CA",
                           .serial_number = "01",
                           .not_before = not_before,
                           .not_after = not_after,
                           .usage = {"digitalSignature"},
                           .email = "test@example.org",
                           .authority = false,
                           .key = token + "/key/45"},
                          {.path = signature_certificate_path,
                           .token = token,
                           .fingerprint = "BBBBBB0000000001",
                           .label = "signature certificate",
                           .id = {0x46},
                           .der = {0x30, 0x00},
                           .subject = "CN=SPECIMEN TEST 460001,C=FI",
                           .issuer = "CN=TEST CA",
                           .serial_number = "02",
                           .not_before = not_before,
                           .not_after = not_after,
                           .usage = {"nonRepudiation"},
                           .email = "",
                           .authority = false,
                           .key = token + "/key/46"},
                          {.path = token + "/certificate/CCCCCC0000000001",
                           .token = token,
                           .fingerprint = "CCCCCC0000000001",
                           .label = "TEST CA",
                           .id = {0x47},
                           .der = {0x30, 0x00},
                           .subject = "CN=TEST CA",
                           .issuer = "CN=TEST root",
                           .serial_number = "03",
                           .not_before = not_before,
                           .not_after = not_after,
                           .usage = {"keyCertSign", "cRLSign"},
                           .email = "",
                           .authority = true,
                           .key = ""}};
    return state;
}

/// Adds the PUK that unblocks both PINs.
inline void add_puk(client::DaemonState& state) {
    const std::string token = token_path;
    state.pins.push_back({.path = token + "/pin/83",
                          .token = token,
                          .reference = "83",
                          .label = "PUK",
                          .role = client::PinRole::Puk,
                          .state = client::PinState::Usable,
                          .tries_left = 5,
                          .min_length = 8,
                          .max_length = 8,
                          .can_change = false,
                          .can_unblock = false,
                          .puk = ""});
    for (std::size_t i = 0; i < 2; ++i) {
        state.pins[i].can_unblock = true;
        state.pins[i].puk = token + "/pin/83";
    }
}

/// The code of the Error that `action` throws.
template <class Action>
ErrorCode error_code_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    throw std::logic_error("no Error was thrown");
}

} // namespace digisign::test
