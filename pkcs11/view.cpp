// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/view.hpp"

#include "pkcs11/fault.hpp"

#include <algorithm>
#include <utility>

namespace digisign::pkcs11 {

const Slot& View::slot(CK_SLOT_ID id) const {
    if (const Slot* slot = snapshot.find_slot(id))
        return *slot;
    throw Fault{CKR_SLOT_ID_INVALID};
}

const Token& View::token(CK_SLOT_ID id) const {
    if (const auto& token = slot(id).token)
        return *token;
    throw Fault{CKR_TOKEN_NOT_PRESENT};
}

const TokenObject* View::find(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle) const {
    const auto found = std::ranges::find(objects, handle, &TokenObject::handle);
    return found != objects.end() && found->object->slot == slot ? &*found : nullptr;
}

std::vector<const Object*> View::objects_in(CK_SLOT_ID slot) const {
    std::vector<const Object*> found;
    for (const Object& object : snapshot.objects)
        if (object.slot == slot)
            found.push_back(&object);
    return found;
}

std::shared_ptr<const View> ViewMaker::make(Snapshot snapshot, std::uint64_t epoch) {
    auto view = std::make_shared<View>();
    view->epoch = epoch;
    view->snapshot = std::move(snapshot);
    std::map<std::string, CK_OBJECT_HANDLE> handles;
    for (const Object& object : view->snapshot.objects) {
        const Slot* slot = view->snapshot.find_slot(object.slot);
        if (slot == nullptr || !slot->token)
            continue;
        std::string identity = std::to_string(epoch) + '/' + std::to_string(object.slot) + '/' +
                               slot->token->id + '/' + std::to_string(static_cast<int>(object.kind)) + '/' +
                               to_hex(object.id) + '/' + object.label;
        while (handles.contains(identity)) // cards may have two that look alike
            identity += '+';
        const auto known = handles_.find(identity);
        const CK_OBJECT_HANDLE handle = known != handles_.end() ? known->second : ++last_handle_;
        handles.emplace(std::move(identity), handle);
        view->objects.push_back({handle, &object, attributes_of(object, *slot->token)});
    }
    handles_ = std::move(handles);
    return view;
}

} // namespace digisign::pkcs11
