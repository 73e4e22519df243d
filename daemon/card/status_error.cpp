// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/status_error.hpp"

#include <string>

namespace digisign::card {

namespace {

ErrorCode code_of(iso7816::StatusWord status) {
    return status == iso7816::sw::security_status_not_satisfied ? ErrorCode::PinRequired
                                                                : ErrorCode::CardError;
}

} // namespace

StatusError::StatusError(iso7816::StatusWord status, std::string_view attempt)
    : Error(code_of(status), "the card refused to " + std::string(attempt) + ": " + describe(status)) {}

void expect_success(const iso7816::ResponseApdu& response, std::string_view attempt) {
    if (!response.is_success())
        throw StatusError(response.status, attempt);
}

void expect_success(const iso7816::SecretResponse& response, std::string_view attempt) {
    if (!response.is_success())
        throw StatusError(response.status, attempt);
}

} // namespace digisign::card
