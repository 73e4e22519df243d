// SPDX-License-Identifier: LGPL-2.1-or-later
// Every function of PKCS#11 3.0: how it is called, and what it answers then.

#pragma once

#include "common/bytes.hpp"
#include "tests/pkcs11/host.hpp"

#include <functional>
#include <vector>

namespace digisign::test {

/// What a call is made with.
struct Context {
    const CK_FUNCTION_LIST_3_0& p11;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session; ///< no other function's
    CK_OBJECT_HANDLE certificate = 0;
    CK_OBJECT_HANDLE rsa_public = 0;
    CK_OBJECT_HANDLE ec_public = 0;
    CK_OBJECT_HANDLE rsa_private = 0; ///< 0 where nobody could log in
    CK_OBJECT_HANDLE ec_private = 0;
    Bytes peer_point{};
    Bytes result = Bytes(512); ///< room for what is answered
    CK_ULONG length = 512;     ///< of it
};

struct Function {
    const char* name;
    std::function<CK_RV(Context&)> call;
    CK_RV without_daemon;
    CK_RV without_card;
    CK_RV with_card;
    CK_RV with_blocked_pin;
    CK_RV after_removal;
    /// What goes before the call; what comes of it is seen there.
    std::function<void(Context&)> prepare = [](Context&) {};
};

/// In the order of the standard's header, but for the two that others would feel.
std::vector<Function> functions();

/// A session, somebody logged in where that can be done, and handles of what there is.
Context make_context(const Host& host, CK_SLOT_ID slot);

} // namespace digisign::test
