// SPDX-License-Identifier: LGPL-2.1-or-later
// Object management functions, PKCS#11 3.0 section 5.7. What is on a card stays as it is.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/operation.hpp"

#include <algorithm>

using namespace digisign::pkcs11;

namespace {

std::span<CK_ATTRIBUTE> template_of(CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
    if (attributes == nullptr && count != 0)
        throw Fault{CKR_ARGUMENTS_BAD};
    return {attributes, count};
}

std::shared_ptr<const SecretKey> find_secret(Module& module, CK_SESSION_HANDLE session,
                                             CK_OBJECT_HANDLE object) {
    return module.sessions().with(session, [object](const Session& found) {
        const auto secret = found.secrets.find(object);
        return secret != found.secrets.end() ? secret->second : nullptr;
    });
}

/// Throws Fault(CKR_OBJECT_HANDLE_INVALID), also for what the application may not see.
const TokenObject& find_object(Module& module, const Module::Place& place, CK_OBJECT_HANDLE handle) {
    const TokenObject* object = place.view->find(place.slot, handle);
    if (object == nullptr || (object->attributes.flag(CKA_PRIVATE) && !module.sees_private(place)))
        throw Fault{CKR_OBJECT_HANDLE_INVALID};
    return *object;
}

/// Throws Fault(CKR_ACTION_PROHIBITED) for an object that there is, as the standard says of those that cannot
/// be modified, copied or destroyed; CKR_OBJECT_HANDLE_INVALID otherwise.
[[noreturn]] void refuse_change(Module& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    const Module::Place place = module.place_of(session);
    if (!find_secret(module, session, object))
        (void)find_object(module, place, object); // throws if there is none
    throw Fault{CKR_ACTION_PROHIBITED};
}

} // namespace

extern "C" {

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                     CK_OBJECT_HANDLE_PTR) {
    return with_module([&](Module& module) {
        (void)module.place_of(session); // throws for a session that there is not
        for (const CK_ATTRIBUTE& attribute : template_of(attributes, count))
            if (attribute.type == CKA_TOKEN && attribute.pValue != nullptr && attribute.ulValueLen == 1 &&
                *static_cast<const CK_BBOOL*>(attribute.pValue) != CK_FALSE)
                throw Fault{CKR_TOKEN_WRITE_PROTECTED};
        throw Fault{CKR_FUNCTION_NOT_SUPPORTED};
    });
}

CK_RV C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR, CK_ULONG,
                   CK_OBJECT_HANDLE_PTR) {
    return with_module([&](Module& module) { refuse_change(module, session, object); });
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    return with_module([&](Module& module) {
        const bool destroyed = module.sessions().with(
            session, [object](Session& found) { return found.secrets.erase(object) != 0; });
        if (!destroyed)
            refuse_change(module, session, object);
    });
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG_PTR size) {
    return with_module([&](Module& module) {
        require(size);
        const Module::Place place = module.place_of(session);
        if (!find_secret(module, session, object))
            (void)find_object(module, place, object); // throws if there is none
        *size = CK_UNAVAILABLE_INFORMATION;           // how a card stores an object is its own business
    });
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                          CK_ULONG count) {
    return with_module([&](Module& module) {
        if (attributes == nullptr || count == 0)
            throw Fault{CKR_ARGUMENTS_BAD};
        const Module::Place place = module.place_of(session);
        const std::span<CK_ATTRIBUTE> wanted(attributes, count);
        const auto secret = find_secret(module, session, object);
        const CK_RV result =
            secret ? secret->copy_to(wanted) : find_object(module, place, object).attributes.copy_to(wanted);
        if (result != CKR_OK)
            throw Fault{result};
    });
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR, CK_ULONG) {
    return with_module([&](Module& module) { refuse_change(module, session, object); });
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
    return with_module([&](Module& module) {
        const Module::Place place = module.place_of(session);
        const std::span<const CK_ATTRIBUTE> wanted = template_of(attributes, count);
        const bool sees_private = module.sees_private(place);
        FindOperation find;
        for (const TokenObject& entry : place.view->objects)
            if (entry.object->slot == place.slot && (sees_private || !entry.attributes.flag(CKA_PRIVATE)) &&
                entry.attributes.match(wanted))
                find.found.push_back(entry.handle);
        module.sessions().with(session, [&](const Session& found) {
            for (const auto& [handle, secret] : found.secrets)
                if (secret->match(wanted))
                    find.found.push_back(handle);
        });
        begin_operation(module, session, &Session::find, std::move(find));
    });
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG room,
                    CK_ULONG_PTR count) {
    return with_module([&](Module& module) {
        require(objects);
        require(count);
        module.sessions().with(session, [&](Session& found) {
            if (!found.find)
                throw Fault{CKR_OPERATION_NOT_INITIALIZED};
            FindOperation& find = *found.find;
            *count = std::min<CK_ULONG>(room, find.found.size() - find.next);
            std::copy_n(find.found.begin() + static_cast<std::ptrdiff_t>(find.next), *count, objects);
            find.next += *count;
        });
    });
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session) {
    return with_module([&](Module& module) { cancel_operation(module, session, &Session::find); });
}

} // extern "C"
