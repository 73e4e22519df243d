// SPDX-License-Identifier: LGPL-2.1-or-later
// CK_INFO, CK_SLOT_INFO, CK_TOKEN_INFO: text padded with blanks and cut between characters, flags.

#pragma once

#include "pkcs11/cryptoki.hpp"
#include "pkcs11/snapshot.hpp"

#include <string>

namespace digisign::pkcs11 {

CK_INFO library_info();
CK_SLOT_INFO slot_info(const Slot& slot);

/// What the module itself counts, of its own application.
struct SessionCounts {
    CK_ULONG all = 0;
    CK_ULONG read_write = 0;
};

/// Label: "NAME (PIN1)", so that a program that shows nothing else tells which PIN it wants; the name is cut
/// where 32 bytes are too short for both.
CK_TOKEN_INFO token_info(const Token& token, SessionCounts sessions);

} // namespace digisign::pkcs11
