// SPDX-License-Identifier: LGPL-2.1-or-later
// From a status word nobody wanted to a sentence.

#pragma once

#include "common/error.hpp"
#include "daemon/iso7816/response_apdu.hpp"

#include <string_view>

namespace digisign::card {

/// The card answered, and refused. PinRequired for 6982, else CardError: "the card refused to <attempt>: 6985
/// (conditions of use not satisfied)".
class StatusError : public Error {
public:
    StatusError(iso7816::StatusWord status, std::string_view attempt);
};

/// Throws StatusError unless the command succeeded.
void expect_success(const iso7816::ResponseApdu& response, std::string_view attempt);
void expect_success(const iso7816::SecretResponse& response, std::string_view attempt);

} // namespace digisign::card
