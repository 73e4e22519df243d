// SPDX-License-Identifier: LGPL-2.1-or-later
// Between C_Initialize and C_Finalize, and what fork(2) does to that.

#pragma once

#include "pkcs11/cryptoki.hpp"

#include <memory>

namespace digisign::pkcs11 {

class Module;

namespace library {

/// `arguments` as of C_Initialize; may be null. Throws Fault: CKR_CRYPTOKI_ALREADY_INITIALIZED,
/// CKR_ARGUMENTS_BAD, CKR_CANT_LOCK.
void initialize(const CK_C_INITIALIZE_ARGS* arguments);

/// Wakes every call that waits, and returns when all have left, or after two seconds.
/// Throws Fault(CKR_CRYPTOKI_NOT_INITIALIZED).
void finalize();

/// Throws Fault(CKR_CRYPTOKI_NOT_INITIALIZED), also in a child process that has not initialized for itself.
std::shared_ptr<Module> running();

} // namespace library
} // namespace digisign::pkcs11
