// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/session_table.hpp"

#include <algorithm>

namespace digisign::pkcs11 {

namespace {

constexpr std::size_t max_sessions = 4096;

/// Handles of session objects, apart from those of the token's.
constexpr CK_OBJECT_HANDLE first_secret = 0x4000'0000;

} // namespace

bool Session::wants_context_login() const {
    return (sign && sign->key.object().always_authenticate) ||
           (decrypt && decrypt->key.object().always_authenticate);
}

Session& SessionTable::find(CK_SESSION_HANDLE handle) {
    const auto entry = sessions_.find(handle);
    if (entry == sessions_.end())
        throw Fault{CKR_SESSION_HANDLE_INVALID};
    return entry->second;
}

bool SessionTable::has_sessions(CK_SLOT_ID slot) const {
    return std::ranges::any_of(sessions_, [slot](const auto& entry) { return entry.second.slot == slot; });
}

template <class Condition>
std::list<Session> SessionTable::take_if(Condition condition) {
    std::list<Session> taken;
    for (auto entry = sessions_.begin(); entry != sessions_.end();) {
        if (condition(entry->second)) {
            taken.push_back(std::move(entry->second));
            entry = sessions_.erase(entry);
        } else {
            ++entry;
        }
    }
    return taken;
}

CK_SESSION_HANDLE SessionTable::open(CK_SLOT_ID slot, const std::string& token, bool read_write) {
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= max_sessions)
        throw Fault{CKR_SESSION_COUNT};
    if (const auto login = logins_.find(slot);
        !read_write && login != logins_.end() && login->second.user == CKU_SO)
        throw Fault{CKR_SESSION_READ_WRITE_SO_EXISTS};
    Session session;
    session.slot = slot;
    session.token = token;
    session.read_write = read_write;
    sessions_.emplace(++last_handle_, std::move(session));
    return last_handle_;
}

SessionTable::Closed SessionTable::close(CK_SESSION_HANDLE handle) {
    const std::lock_guard lock(mutex_);
    Closed closed;
    closed.sessions.push_back(std::move(find(handle)));
    sessions_.erase(handle);
    const CK_SLOT_ID slot = closed.sessions.front().slot;
    closed.logged_out = !has_sessions(slot) && logins_.erase(slot) != 0;
    return closed;
}

SessionTable::Closed SessionTable::close_all(CK_SLOT_ID slot) {
    const std::lock_guard lock(mutex_);
    Closed closed{take_if([slot](const Session& session) { return session.slot == slot; })};
    closed.logged_out = logins_.erase(slot) != 0;
    return closed;
}

SessionTable::Closed SessionTable::close_stale(const View& view, bool connection_lost) {
    const std::lock_guard lock(mutex_);
    Closed closed{take_if([&](const Session& session) {
        const Slot* slot = view.snapshot.find_slot(session.slot);
        return connection_lost || slot == nullptr || !slot->token || slot->token->id != session.token;
    })};
    std::erase_if(logins_, [this](const auto& entry) { return !has_sessions(entry.first); });
    return closed;
}

CK_OBJECT_HANDLE SessionTable::add_secret(CK_SESSION_HANDLE handle, SecretKey key) {
    const std::lock_guard lock(mutex_);
    const CK_OBJECT_HANDLE object = first_secret + ++last_secret_;
    find(handle).secrets.emplace(object, std::make_shared<const SecretKey>(std::move(key)));
    return object;
}

SessionCounts SessionTable::counts(CK_SLOT_ID slot) const {
    const std::lock_guard lock(mutex_);
    SessionCounts counts;
    for (const auto& [handle, session] : sessions_) {
        if (session.slot != slot)
            continue;
        ++counts.all;
        counts.read_write += session.read_write ? 1 : 0;
    }
    return counts;
}

CK_SESSION_INFO SessionTable::info(CK_SESSION_HANDLE handle) const {
    const std::lock_guard lock(mutex_);
    const auto entry = sessions_.find(handle);
    if (entry == sessions_.end())
        throw Fault{CKR_SESSION_HANDLE_INVALID};
    const Session& session = entry->second;
    CK_SESSION_INFO info{};
    info.slotID = session.slot;
    info.flags = CKF_SERIAL_SESSION | (session.read_write ? CKF_RW_SESSION : 0);
    const auto login = logins_.find(session.slot);
    if (login == logins_.end())
        info.state = session.read_write ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
    else if (login->second.user == CKU_SO)
        info.state = CKS_RW_SO_FUNCTIONS;
    else
        info.state = session.read_write ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
    return info;
}

std::optional<CK_USER_TYPE> SessionTable::user(CK_SLOT_ID slot) const {
    const std::lock_guard lock(mutex_);
    const auto login = logins_.find(slot);
    return login != logins_.end() ? std::optional(login->second.user) : std::nullopt;
}

void SessionTable::check_login(CK_SLOT_ID slot, CK_USER_TYPE user) const {
    const std::lock_guard lock(mutex_);
    if (const auto login = logins_.find(slot); login != logins_.end())
        throw Fault{login->second.user == user ? CK_RV{CKR_USER_ALREADY_LOGGED_IN}
                                               : CK_RV{CKR_USER_ANOTHER_ALREADY_LOGGED_IN}};
    if (user != CKU_SO)
        return;
    for (const auto& [handle, session] : sessions_)
        if (session.slot == slot && !session.read_write)
            throw Fault{CKR_SESSION_READ_ONLY_EXISTS};
}

void SessionTable::log_in(CK_SLOT_ID slot, Login login) {
    const std::lock_guard lock(mutex_);
    if (has_sessions(slot)) // it may have been closed while the person typed
        logins_.insert_or_assign(slot, std::move(login));
}

std::optional<SecureBuffer> SessionTable::take_puk(CK_SLOT_ID slot) {
    const std::lock_guard lock(mutex_);
    const auto login = logins_.find(slot);
    if (login == logins_.end() || login->second.user != CKU_SO)
        throw Fault{CKR_USER_NOT_LOGGED_IN};
    return std::exchange(login->second.puk, std::nullopt);
}

std::optional<CK_USER_TYPE> SessionTable::log_out(CK_SLOT_ID slot) {
    const std::lock_guard lock(mutex_);
    const auto login = logins_.find(slot);
    if (login == logins_.end())
        return std::nullopt;
    const CK_USER_TYPE user = login->second.user;
    logins_.erase(login);
    return user;
}

} // namespace digisign::pkcs11
