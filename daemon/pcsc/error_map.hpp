// SPDX-License-Identifier: LGPL-2.1-or-later
// What the result codes of PC/SC mean to us and to people.

#pragma once

#include "common/error.hpp"

#include <winscard.h>

#include <string_view>

namespace digisign::pcsc {

/// The fault for a result other than SCARD_S_SUCCESS: "cannot connect to the card: another program holds it".
/// `doing` completes "cannot …".
Error error_from_result(LONG result, std::string_view doing);

/// The same for SCardEstablishContext and SCardConnect, which alone can be refused by polkit
/// (PcscAccessDenied).
Error error_from_connecting(LONG result, std::string_view doing);

/// The code error_from_result() would carry.
ErrorCode error_code_of(LONG result);

} // namespace digisign::pcsc
