// SPDX-License-Identifier: LGPL-2.1-or-later
// C_Login and what goes with it. A PIN may be empty, to have it asked for by digisignd's agent or typed on
// the reader.

#pragma once

#include "pkcs11/module.hpp"

namespace digisign::pkcs11 {

/// CKU_USER logs in to the slot's PIN; CKU_SO keeps the PUK for unblock_pin(); CKU_CONTEXT_SPECIFIC presents
/// the PIN of a key with CKA_ALWAYS_AUTHENTICATE.
void log_in(Module& module, CK_SESSION_HANDLE session, CK_USER_TYPE user, ByteView pin);
void log_out(Module& module, CK_SESSION_HANDLE session);

void change_pin(Module& module, CK_SESSION_HANDLE session, ByteView old_pin, ByteView new_pin);
/// C_InitPIN: with the PUK that was given with CKU_SO.
void unblock_pin(Module& module, CK_SESSION_HANDLE session, ByteView new_pin);

/// Of the last session of a token that is closed: nobody uses the login any more.
void end_login(Module& module, CK_SLOT_ID slot) noexcept;

} // namespace digisign::pkcs11
