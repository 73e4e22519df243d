// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/certificate_choice.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::client;
using Catch::Matchers::Contains;
using test::error_code_of;
using test::sample_now;
using test::sample_state;

namespace {

std::string selected(const DaemonState& state, std::string_view selector) {
    return select_certificate(state, selector).fingerprint;
}

constexpr std::int64_t past = 1714521600; // 2024-05-01

} // namespace

TEST_CASE("selector__of_each_kind__finds_the_certificate") {
    const DaemonState state = sample_state();
    CHECK(selected(state, test::signature_certificate_path) == "BBBBBB0000000001");
    CHECK(selected(state, "46") == "BBBBBB0000000001");
    CHECK(selected(state, "bbbbbb") == "BBBBBB0000000001");
    CHECK(selected(state, "BBBBBB0000000001") == "BBBBBB0000000001");
    CHECK(selected(state, "signature certificate") == "BBBBBB0000000001");
    CHECK(selected(state, "TEST CA") == "CCCCCC0000000001");
}

TEST_CASE("start_of_fingerprint__too_short__finds_nothing") {
    const DaemonState state = sample_state();
    CHECK(error_code_of([&] { select_certificate(state, "BBBBB"); }) == ErrorCode::CertificateNotFound);
}

TEST_CASE("selector__of_two_certificates__is_refused_with_a_list") {
    const DaemonState state = sample_state();
    CHECK(error_code_of([&] { select_certificate(state, "SPECIMEN TEST 460001"); }) ==
          ErrorCode::CertificateAmbiguous);
    CHECK_THROWS_WITH(select_certificate(state, "SPECIMEN TEST 460001"),
                      Contains("AAAAAA0000000001") && Contains("BBBBBB0000000001"));
}

TEST_CASE("selector__without_a_card__says_that_there_is_none") {
    DaemonState state = sample_state();
    state.tokens.clear();
    state.certificates.clear();
    state.readers.front().state = ReaderState::Empty;
    CHECK(error_code_of([&] { select_certificate(state, "46"); }) == ErrorCode::NoCard);
}

TEST_CASE("default__with_a_non_repudiation_key__is_that_one") {
    CHECK(default_signing_certificate(sample_state(), sample_now).fingerprint == "BBBBBB0000000001");
}

TEST_CASE("default__without_non_repudiation__is_the_only_one_with_a_key") {
    DaemonState state = sample_state();
    state.certificates.erase(state.certificates.begin() + 1);
    CHECK(default_signing_certificate(state, sample_now).fingerprint == "AAAAAA0000000001");
}

TEST_CASE("default__expired__is_refused_and_no_other_kind_taken_instead") {
    DaemonState state = sample_state();
    state.certificates[1].not_after = past;
    CHECK(error_code_of([&] { default_signing_certificate(state, sample_now); }) ==
          ErrorCode::CertificateExpired);
    CHECK_THROWS_WITH(default_signing_certificate(state, sample_now), Contains("expired on 2024-05-01"));
}

TEST_CASE("default__of_two_cards__is_ambiguous_until_one_expires") {
    DaemonState state = sample_state();
    Certificate second = state.certificates[1];
    second.path = "/org/digisign/DigiSign1/token/9/certificate/DDDDDD0000000001";
    second.token = "/org/digisign/DigiSign1/token/9";
    second.fingerprint = "DDDDDD0000000001";
    state.certificates.push_back(second);
    CHECK(error_code_of([&] { default_signing_certificate(state, sample_now); }) ==
          ErrorCode::CertificateAmbiguous);
    state.certificates.back().not_after = past;
    CHECK(default_signing_certificate(state, sample_now).fingerprint == "BBBBBB0000000001");
}

TEST_CASE("default__rsa_and_ec_of_one_person_on_one_card__is_the_one_with_the_lowest_id") {
    DaemonState state = sample_state();
    Certificate second = state.certificates[1];
    second.path += "2";
    second.fingerprint = "0000000000000001";
    second.id = {0x47};
    state.certificates.insert(state.certificates.begin(), second);
    CHECK(default_signing_certificate(state, sample_now).fingerprint == "BBBBBB0000000001");
    state.certificates.front().subject = "CN=Somebody Else TEST";
    CHECK(error_code_of([&] { default_signing_certificate(state, sample_now); }) ==
          ErrorCode::CertificateAmbiguous);
}

TEST_CASE("default__without_keys__is_not_found") {
    DaemonState state = sample_state();
    state.keys.clear();
    CHECK(error_code_of([&] { default_signing_certificate(state, sample_now); }) ==
          ErrorCode::CertificateNotFound);
}

TEST_CASE("certificate__not_yet_valid__is_refused") {
    Certificate certificate = sample_state().certificates.front();
    certificate.not_before = 1767225600;
    CHECK_THROWS_WITH(require_valid(certificate, sample_now), Contains("is not valid before 2026-01-01"));
}

TEST_CASE("purpose__follows_the_usage") {
    const DaemonState state = sample_state();
    CHECK(purpose(state.certificates[0]) == "authentication");
    CHECK(purpose(state.certificates[1]) == "signature");
    CHECK(purpose(state.certificates[2]) == "authority");
}

TEST_CASE("date__of_extreme_times__is_written") {
    CHECK(date(0) == "1970-01-01");
    CHECK(date(-1) == "1969-12-31");
    CHECK(date(253402300799) == "9999-12-31");
}
