// SPDX-License-Identifier: LGPL-2.1-or-later
// How the functions that go on with an operation use it.

#pragma once

#include "pkcs11/module.hpp"

#include <utility>

namespace digisign::pkcs11 {

enum class After { Over, GoesOn };

/// Runs `body` with the session's operation, which is over with it unless it says otherwise, or finds the
/// application's buffer too small.
template <class Operation, class Body>
void with_operation(Module& module, CK_SESSION_HANDLE session, std::optional<Operation> Session::*member,
                    Body body) {
    (void)module.place_of(session); // throws if the card is gone, and the operation with it
    Operation operation = module.sessions().take(session, member);
    After after = After::Over;
    try {
        after = body(operation);
    } catch (const Fault& fault) {
        if (fault.value == CKR_BUFFER_TOO_SMALL)
            module.sessions().put_back(session, member, std::move(operation));
        throw;
    }
    if (after == After::GoesOn)
        module.sessions().put_back(session, member, std::move(operation));
}

/// Starts an operation. Throws Fault(CKR_OPERATION_ACTIVE).
template <class Operation>
void begin_operation(Module& module, CK_SESSION_HANDLE session, std::optional<Operation> Session::*member,
                     Operation operation) {
    module.sessions().with(session, [&](Session& found) {
        if (found.*member)
            throw Fault{CKR_OPERATION_ACTIVE};
        found.*member = std::move(operation);
    });
}

/// What C_SignInit and the like do without a mechanism since 3.0: the operation is dropped. Throws
/// Fault(CKR_OPERATION_NOT_INITIALIZED).
template <class Operation>
void cancel_operation(Module& module, CK_SESSION_HANDLE session, std::optional<Operation> Session::*member) {
    const Operation dropped = module.sessions().take(session, member);
}

/// The key of an operation. Throws Fault: CKR_KEY_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN.
KeyRef find_key(Module& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle, ObjectKind kind);

/// Throws what became of using a private key, as the application should see it: a login that digisignd does
/// not know of has ended.
[[noreturn]] void rethrow_use_of_key(Module& module, const Object& key);

template <class Use>
auto use_key(Module& module, const KeyRef& key, Use use) {
    try {
        return use(key.object());
    } catch (const Error&) {
        rethrow_use_of_key(module, key.object());
    }
}

/// Length of what RSA makes with the key, and of its modulus.
std::size_t modulus_size(const Object& key);

} // namespace digisign::pkcs11
