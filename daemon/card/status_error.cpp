// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/status_error.hpp"

#include <string>

namespace digisign::card {

Error status_error(iso7816::StatusWord status, std::string_view attempt) {
    const ErrorCode code =
        status == iso7816::sw::security_status_not_satisfied ? ErrorCode::PinRequired : ErrorCode::CardError;
    return {code, "the card refused to " + std::string(attempt) + ": " + iso7816::describe(status)};
}

void expect_success(const iso7816::ResponseApdu& response, std::string_view attempt) {
    if (!response.is_success())
        throw status_error(response.status, attempt);
}

} // namespace digisign::card
