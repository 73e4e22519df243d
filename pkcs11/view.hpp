// SPDX-License-Identifier: LGPL-2.1-or-later
// A snapshot as an application sees it: with handles and attributes. Never changed once it is made, so calls
// use it without a lock.

#pragma once

#include "pkcs11/attributes.hpp"
#include "pkcs11/snapshot.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace digisign::pkcs11 {

struct TokenObject {
    CK_OBJECT_HANDLE handle = 0;
    const Object* object = nullptr; ///< of View::snapshot
    Attributes attributes;
};

struct View {
    std::uint64_t epoch = 0; ///< of the connection it came over
    Snapshot snapshot;
    std::vector<TokenObject> objects;

    /// Throws Fault(CKR_SLOT_ID_INVALID).
    const Slot& slot(CK_SLOT_ID id) const;
    /// Throws Fault: CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_PRESENT.
    const Token& token(CK_SLOT_ID id) const;

    /// Null if there is none with that handle in the slot.
    const TokenObject* find(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle) const;
    std::vector<const Object*> objects_in(CK_SLOT_ID slot) const;
};

/// Gives an object the same handle in each view, for as long as its card stays in the reader.
class ViewMaker {
public:
    std::shared_ptr<const View> make(Snapshot snapshot, std::uint64_t epoch);

private:
    std::map<std::string, CK_OBJECT_HANDLE> handles_; ///< of the last view, by what identifies the object
    CK_OBJECT_HANDLE last_handle_ = 0;
};

} // namespace digisign::pkcs11
