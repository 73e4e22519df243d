// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/field_lock.hpp"

#include <algorithm>

namespace digisign::documents {

FieldLock::FieldLock(PdfDocument& document, QPDFObjectHandle dictionary) {
    QPDFObjectHandle action = document.get(dictionary, "/Action");
    if (action.isNameAndEquals("/Include"))
        action_ = Action::Include;
    else if (action.isNameAndEquals("/Exclude"))
        action_ = Action::Exclude;
    for (QPDFObjectHandle& field : document.elements(document.get(dictionary, "/Fields")))
        if (field.isString())
            fields_.push_back(field.getUTF8Value());
}

bool FieldLock::covers(std::string_view name) const {
    // A name stands for the field and for all that are below it.
    const bool listed = std::ranges::any_of(fields_, [&](const std::string& field) {
        return name == field || (name.starts_with(field) && name[field.size()] == '.');
    });
    switch (action_) {
    case Action::All:
        return true;
    case Action::Include:
        return listed;
    case Action::Exclude:
        return !listed;
    }
    return true;
}

} // namespace digisign::documents
