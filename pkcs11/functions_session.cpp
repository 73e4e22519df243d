// SPDX-License-Identifier: LGPL-2.1-or-later
// Session management functions, PKCS#11 3.0 section 5.6.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/login.hpp"

using namespace digisign::pkcs11;

extern "C" {

CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR, CK_NOTIFY, CK_SESSION_HANDLE_PTR session) {
    return with_module([&](Module& module) {
        require(session);
        if ((flags & CKF_SERIAL_SESSION) == 0)
            throw Fault{CKR_SESSION_PARALLEL_NOT_SUPPORTED};
        const auto view = module.view();
        const bool read_write = (flags & CKF_RW_SESSION) != 0;
        *session = module.sessions().open(slot, view->token(slot).id, read_write);
    });
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session) {
    return with_module([&](Module& module) {
        const SessionTable::Closed closed = module.sessions().close(session);
        if (closed.logged_out)
            end_login(module, closed.sessions.front().slot);
    });
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot) {
    return with_module([&](Module& module) {
        (void)module.view()->slot(slot); // throws if there is none
        if (module.sessions().close_all(slot).logged_out)
            end_login(module, slot);
    });
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info) {
    return with_module([&](Module& module) {
        require(info);
        (void)module.place_of(session); // ends those whose card is gone, and logins that have ended
        *info = module.sessions().info(session);
    });
}

CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    return with_module([&](Module& module) {
        log_in(module, session, user, pin == nullptr ? digisign::ByteView{} : view_of(pin, length));
    });
}

/// A card has no users but its holder.
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length,
                  CK_UTF8CHAR_PTR, CK_ULONG name_length) {
    if (name_length != 0)
        return with_module([](Module&) { throw Fault{CKR_ARGUMENTS_BAD}; });
    return C_Login(session, user, pin, length);
}

CK_RV C_Logout(CK_SESSION_HANDLE session) {
    return with_module([&](Module& module) { log_out(module, session); });
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags) {
    return with_module([&](Module& module) {
        Session dropped; // what an operation lets go of is not to be waited for with the sessions locked
        module.sessions().with(session, [&](Session& found) {
            if ((flags & CKF_FIND_OBJECTS) != 0)
                std::swap(dropped.find, found.find);
            if ((flags & CKF_DIGEST) != 0)
                std::swap(dropped.digest, found.digest);
            if ((flags & (CKF_SIGN | CKF_SIGN_RECOVER)) != 0)
                std::swap(dropped.sign, found.sign);
            if ((flags & CKF_VERIFY) != 0)
                std::swap(dropped.verify, found.verify);
            if ((flags & CKF_DECRYPT) != 0)
                std::swap(dropped.decrypt, found.decrypt);
            if ((flags & CKF_ENCRYPT) != 0)
                std::swap(dropped.encrypt, found.encrypt);
        });
    });
}

} // extern "C"
