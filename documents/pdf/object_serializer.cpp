// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/object_serializer.hpp"

namespace digisign::documents {

namespace {

void serialize_nested(QPDFObjectHandle object, std::string& out) {
    if (object.isIndirect())
        out += object.getObjGen().unparse(' ') + " R";
    else
        serialize_object(object, out);
}

} // namespace

void serialize_entries(QPDFObjectHandle dictionary, std::string& out) {
    for (const auto& [key, value] : dictionary.getDictAsMap()) {
        out += QPDFObjectHandle::newName(key).unparse();
        out += ' ';
        serialize_nested(value, out);
        out += '\n';
    }
}

// As deep as the parser lets a document nest its objects, which is 500 levels.
void serialize_object(QPDFObjectHandle object, std::string& out) {
    QPDFObjectHandle value = object;
    if (value.isDictionary()) {
        out += "<<\n";
        serialize_entries(value, out);
        out += ">>";
    } else if (value.isArray()) {
        out += "[ ";
        for (QPDFObjectHandle item : value.getArrayAsVector()) {
            serialize_nested(item, out);
            out += ' ';
        }
        out += ']';
    } else {
        out += value.unparseResolved();
    }
}

} // namespace digisign::documents
