// SPDX-License-Identifier: LGPL-2.1-or-later
// Slot and token management functions, PKCS#11 3.0 section 5.5.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/infos.hpp"
#include "pkcs11/login.hpp"
#include "pkcs11/mechanisms.hpp"

#include <vector>

using namespace digisign::pkcs11;

extern "C" {

CK_RV C_GetSlotList(CK_BBOOL token_present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    return with_module([&](Module& module) {
        require(count);
        std::vector<CK_SLOT_ID> ids;
        for (const Slot& slot : module.view()->snapshot.slots)
            if (token_present == CK_FALSE || slot.token)
                ids.push_back(slot.id);
        copy_out(std::span<const CK_SLOT_ID>(ids), list, count);
    });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
    return with_module([&](Module& module) {
        require(info);
        *info = slot_info(module.view()->slot(slot));
    });
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    return with_module([&](Module& module) {
        require(info);
        *info = token_info(module.view()->token(slot), module.sessions().counts(slot));
    });
}

CK_RV C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
    return with_module([&](Module& module) {
        require(count);
        const auto view = module.view();
        (void)view->token(slot); // throws without one
        const std::vector<CK_MECHANISM_TYPE> mechanisms = mechanisms_of(view->objects_in(slot));
        copy_out(std::span<const CK_MECHANISM_TYPE>(mechanisms), list, count);
    });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
    return with_module([&](Module& module) {
        require(info);
        const auto view = module.view();
        (void)view->token(slot); // as above
        const auto found = mechanism_info(type, view->objects_in(slot));
        if (!found)
            throw Fault{CKR_MECHANISM_INVALID};
        *info = *found;
    });
}

/// A card is personalized by its issuer.
CK_RV C_InitToken(CK_SLOT_ID slot, CK_UTF8CHAR_PTR, CK_ULONG, CK_UTF8CHAR_PTR) {
    return with_module([&](Module& module) {
        (void)module.view()->token(slot); // as above
        throw Fault{CKR_FUNCTION_NOT_SUPPORTED};
    });
}

CK_RV C_InitPIN(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    return with_module([&](Module& module) { unblock_pin(module, session, view_of(pin, length)); });
}

CK_RV C_SetPIN(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR old_pin, CK_ULONG old_length,
               CK_UTF8CHAR_PTR new_pin, CK_ULONG new_length) {
    return with_module([&](Module& module) {
        change_pin(module, session, view_of(old_pin, old_length), view_of(new_pin, new_length));
    });
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
    return with_module([&](Module& module) {
        require(slot);
        if (reserved != nullptr)
            throw Fault{CKR_ARGUMENTS_BAD};
        const auto event = module.next_slot_event((flags & CKF_DONT_BLOCK) == 0);
        if (!event)
            throw Fault{CKR_NO_EVENT};
        *slot = *event;
    });
}

} // extern "C"
