// SPDX-License-Identifier: LGPL-2.1-or-later
// The sessions of the application, and who is logged in where. Nothing here waits for anything.

#pragma once

#include "common/secure_buffer.hpp"
#include "pkcs11/fault.hpp"
#include "pkcs11/infos.hpp"
#include "pkcs11/session.hpp"

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace digisign::pkcs11 {

/// Who is logged in on a token, in all sessions of the application (section 5.6.7).
struct Login {
    CK_USER_TYPE user = CKU_USER;
    /// With CKU_SO: it is for C_InitPIN, which alone can tell whether it is right. Empty to have it asked
    /// for.
    std::optional<SecureBuffer> puk;
};

class SessionTable {
public:
    /// Throws Fault: CKR_SESSION_COUNT, CKR_SESSION_READ_WRITE_SO_EXISTS.
    CK_SESSION_HANDLE open(CK_SLOT_ID slot, const std::string& token, bool read_write);

    /// What is closed, to be destroyed by the caller. With the last session of a token its login ends, which
    /// `logged_out` tells.
    struct Closed {
        std::list<Session> sessions;
        bool logged_out = false;
    };

    /// Throws Fault(CKR_SESSION_HANDLE_INVALID).
    Closed close(CK_SESSION_HANDLE handle);
    Closed close_all(CK_SLOT_ID slot);
    /// Those whose card is not in its reader any more, and the logins on it; all of them after the connection
    /// to digisignd was lost.
    Closed close_stale(const View& view, bool connection_lost);

    /// Runs `body` on the session. Throws Fault(CKR_SESSION_HANDLE_INVALID).
    template <class Body>
    auto with(CK_SESSION_HANDLE handle, Body body) {
        const std::lock_guard lock(mutex_);
        return body(find(handle));
    }

    /// Takes an operation out, so that nobody waits for a session while its operation waits for the card.
    /// Throws Fault: CKR_SESSION_HANDLE_INVALID, CKR_OPERATION_NOT_INITIALIZED.
    template <class Operation>
    Operation take(CK_SESSION_HANDLE handle, std::optional<Operation> Session::*member) {
        const std::lock_guard lock(mutex_);
        Session& session = find(handle);
        if (!(session.*member))
            throw Fault{CKR_OPERATION_NOT_INITIALIZED};
        return *std::exchange(session.*member, std::nullopt);
    }

    /// Puts it back; no effect if the session was closed meanwhile.
    template <class Operation>
    void put_back(CK_SESSION_HANDLE handle, std::optional<Operation> Session::*member, Operation operation) {
        const std::lock_guard lock(mutex_);
        if (const auto entry = sessions_.find(handle); entry != sessions_.end())
            entry->second.*member = std::move(operation);
    }

    CK_OBJECT_HANDLE add_secret(CK_SESSION_HANDLE handle, SecretKey key);

    SessionCounts counts(CK_SLOT_ID slot) const;
    CK_SESSION_INFO info(CK_SESSION_HANDLE handle) const;

    std::optional<CK_USER_TYPE> user(CK_SLOT_ID slot) const;
    /// Throws Fault: CKR_USER_ALREADY_LOGGED_IN, CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
    /// CKR_SESSION_READ_ONLY_EXISTS.
    void check_login(CK_SLOT_ID slot, CK_USER_TYPE user) const;
    void log_in(CK_SLOT_ID slot, Login login);
    /// The PUK given with CKU_SO, which is used once. Throws Fault(CKR_USER_NOT_LOGGED_IN).
    std::optional<SecureBuffer> take_puk(CK_SLOT_ID slot);
    /// Returns who was.
    std::optional<CK_USER_TYPE> log_out(CK_SLOT_ID slot);

private:
    Session& find(CK_SESSION_HANDLE handle);
    bool has_sessions(CK_SLOT_ID slot) const;
    template <class Condition>
    std::list<Session> take_if(Condition condition);

    mutable std::mutex mutex_;
    std::map<CK_SESSION_HANDLE, Session> sessions_;
    std::map<CK_SLOT_ID, Login> logins_;
    CK_SESSION_HANDLE last_handle_ = 0;
    CK_OBJECT_HANDLE last_secret_ = 0;
};

} // namespace digisign::pkcs11
