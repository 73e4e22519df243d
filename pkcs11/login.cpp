// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/login.hpp"

#include "common/pin_value.hpp"
#include "pkcs11/fault.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace digisign::pkcs11 {

namespace {

/// Longer than any card's; what is too long for this one, digisignd knows.
void check_length(ByteView pin) {
    if (pin.size() > PinValue::max_length)
        throw Fault{CKR_PIN_LEN_RANGE};
}

/// Somebody can be asked for what the application does not give.
bool can_ask(const Token& token) {
    return token.agent || token.pin_pad;
}

const Pin& pin_of(const Token& token) {
    if (!token.pin)
        throw Fault{CKR_USER_TYPE_INVALID}; // nothing to log in to
    return *token.pin;
}

/// All keys of the slot want their PIN for each use.
bool only_asks_when_used(const Module::Place& place) {
    const std::vector<const Object*> objects = place.view->objects_in(place.slot);
    const auto is_key = [](const Object* object) { return object->kind == ObjectKind::PrivateKey; };
    return std::ranges::any_of(objects, is_key) && std::ranges::all_of(objects, [&](const Object* object) {
               return !is_key(object) || object->always_authenticate;
           });
}

void require_read_write(Module& module, CK_SESSION_HANDLE session) {
    if (!module.sessions().with(session, [](const Session& found) { return found.read_write; }))
        throw Fault{CKR_SESSION_READ_ONLY};
}

/// What was tried changes the counters that the application may look at next.
template <class Call>
void with_pins(Module& module, Call call) {
    try {
        call();
    } catch (...) {
        module.expect_changes();
        throw;
    }
    module.expect_changes();
}

/// Firefox (153) calls C_Login without a PIN in a thread of its own, and opens a dialog that closes when the
/// thread reports. It misses the report of a thread that is faster than the dialog, which then stays open for
/// ever. A person who is asked is never that fast; an answer without asking has to wait.
class SlowerThanADialog {
public:
    explicit SlowerThanADialog(Module& module) : module_(module) {}

    void wait() const {
        if (const auto left = begin_ + std::chrono::milliseconds(500) - Connection::Clock::now();
            left.count() > 0)
            module_.pause(left);
    }

private:
    Module& module_;
    Connection::Clock::time_point begin_ = Connection::Clock::now();
};

/// Logs in to a token where somebody can be asked for the PIN.
void log_in_by_asking(Module& module, const Module::Place& place) {
    const SlowerThanADialog dialog(module);
    // Where digisignd asks for the PIN at each signature, to ask now as well would be a PIN for nothing.
    if (only_asks_when_used(place))
        return dialog.wait();
    try {
        with_pins(module, [&] { module.service()->login(place.slot, {}); });
    } catch (const Error&) {
        dialog.wait();
        throw;
    }
}

void log_in_user(Module& module, const Module::Place& place, ByteView pin) {
    if (pin.empty())
        log_in_by_asking(module, place);
    else
        with_pins(module, [&] { module.service()->login(place.slot, pin); });
    module.sessions().log_in(place.slot, {CKU_USER, {}});
}

void log_in_for_one_use(Module& module, CK_SESSION_HANDLE session, const Module::Place& place, ByteView pin) {
    if (!module.sessions().with(session, [](const Session& found) { return found.wants_context_login(); }))
        throw Fault{CKR_OPERATION_NOT_INITIALIZED};
    if (pin.empty()) // it is asked for with what is signed
        return SlowerThanADialog(module).wait();
    with_pins(module, [&] { module.service()->login(place.slot, pin); });
}

void log_in_with_puk(Module& module, const Module::Place& place, ByteView puk) {
    if (!pin_of(place.token()).can_unblock)
        throw Fault{CKR_USER_TYPE_INVALID};
    Login login{CKU_SO, {}};
    if (!puk.empty()) {
        login.puk.emplace(PinValue::max_length);
        login.puk->append(puk);
    }
    module.sessions().log_in(place.slot, std::move(login));
}

} // namespace

void log_in(Module& module, CK_SESSION_HANDLE session, CK_USER_TYPE user, ByteView pin) {
    const Module::Place place = module.place_of(session);
    (void)pin_of(place.token()); // throws without one
    check_length(pin);
    if (pin.empty() && !can_ask(place.token()))
        throw Fault{CKR_ARGUMENTS_BAD};
    switch (user) {
    case CKU_USER:
        module.sessions().check_login(place.slot, user);
        return log_in_user(module, place, pin);
    case CKU_SO:
        module.sessions().check_login(place.slot, user);
        return log_in_with_puk(module, place, pin);
    case CKU_CONTEXT_SPECIFIC:
        return log_in_for_one_use(module, session, place, pin);
    default:
        throw Fault{CKR_USER_TYPE_INVALID};
    }
}

void log_out(Module& module, CK_SESSION_HANDLE session) {
    const Module::Place place = module.place_of(session);
    const auto user = module.sessions().log_out(place.slot);
    if (!user)
        throw Fault{CKR_USER_NOT_LOGGED_IN};
    if (*user == CKU_USER)
        module.service()->logout(place.slot, /*linger=*/false);
}

void end_login(Module& module, CK_SLOT_ID slot) noexcept {
    try {
        // GnuTLS and others log in, look and close the session for each object. Nobody wants to type for
        // each.
        module.service()->logout(slot, /*linger=*/true);
    } catch (const std::exception&) {
        // Without digisignd, or the card, there is no login.
    }
}

void change_pin(Module& module, CK_SESSION_HANDLE session, ByteView old_pin, ByteView new_pin) {
    const Module::Place place = module.place_of(session);
    require_read_write(module, session);
    (void)pin_of(place.token()); // as above
    if (module.sessions().user(place.slot) == std::optional<CK_USER_TYPE>(CKU_SO))
        throw Fault{CKR_FUNCTION_NOT_SUPPORTED}; // nobody may change the PUK
    check_length(old_pin);
    check_length(new_pin);
    if (old_pin.empty() != new_pin.empty() || (old_pin.empty() && !can_ask(place.token())))
        throw Fault{CKR_ARGUMENTS_BAD};
    with_pins(module, [&] { module.service()->set_pin(place.slot, old_pin, new_pin); });
}

void unblock_pin(Module& module, CK_SESSION_HANDLE session, ByteView new_pin) {
    const Module::Place place = module.place_of(session);
    check_length(new_pin);
    const auto puk = module.sessions().take_puk(place.slot);
    if (puk.has_value() == new_pin.empty()) {
        (void)module.sessions().log_out(place.slot); // the PUK is gone
        throw Fault{CKR_ARGUMENTS_BAD};
    }
    try {
        with_pins(module, [&] {
            module.service()->unblock_pin(place.slot, puk ? puk->view() : ByteView{}, new_pin);
        });
    } catch (...) {
        (void)module.sessions().log_out(place.slot); // as above
        throw;
    }
}

} // namespace digisign::pkcs11
