// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/operation.hpp"

namespace digisign::pkcs11 {

KeyRef find_key(Module& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle, ObjectKind kind) {
    const Module::Place place = module.place_of(session);
    const TokenObject* found = place.view->find(place.slot, handle);
    if (found == nullptr || found->object->kind != kind)
        throw Fault{CKR_KEY_HANDLE_INVALID};
    if (found->attributes.flag(CKA_PRIVATE) && !module.sees_private(place))
        throw Fault{CKR_USER_NOT_LOGGED_IN};
    return {place.view, found};
}

void rethrow_use_of_key(Module& module, const Object& key) {
    try {
        throw;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::PinRequired && error.code() != ErrorCode::AgentUnavailable)
            throw;
        if (!key.always_authenticate) // such a key wants its PIN though the user is logged in
            (void)module.sessions().log_out(key.slot); // who it was does not matter
        throw Fault{CKR_USER_NOT_LOGGED_IN};
    }
}

std::size_t modulus_size(const Object& key) {
    return (key.bits + 7) / 8;
}

} // namespace digisign::pkcs11
