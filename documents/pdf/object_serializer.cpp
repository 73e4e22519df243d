// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/object_serializer.hpp"

namespace digisign::documents {

namespace {

// ISO 32000-1 section 7.6.1 exempts /Contents of a signature from encryption. QPDF leaves it as it is when it
// reads one, by the same signs.
bool is_signature(QPDFObjectHandle dictionary) {
    return dictionary.isDictionaryOfType("/Sig") && dictionary.hasKey("/ByteRange") &&
           dictionary.getKey("/Contents").isString();
}

} // namespace

// As deep as the parser lets a document nest its objects, which is 500 levels.
void ObjectSerializer::write(QPDFObjectHandle object) {
    if (object.isDictionary()) {
        out_ += "<<\n";
        write_entries(object);
        out_ += ">>";
    } else if (object.isArray()) {
        out_ += "[ ";
        for (QPDFObjectHandle& item : object.getArrayAsVector()) {
            write_nested(item);
            out_ += ' ';
        }
        out_ += ']';
    } else if (object.isString()) {
        write_string(object);
    } else {
        out_ += object.unparseResolved();
    }
}

void ObjectSerializer::write_entries(QPDFObjectHandle dictionary) {
    const bool has_plain_contents = is_signature(dictionary);
    for (auto& [key, value] : dictionary.getDictAsMap()) {
        out_ += QPDFObjectHandle::newName(key).unparse() + ' ';
        if (has_plain_contents && key == "/Contents")
            out_ += value.unparse();
        else
            write_nested(value);
        out_ += '\n';
    }
}

void ObjectSerializer::write_nested(QPDFObjectHandle object) {
    if (object.isIndirect())
        out_ += object.getObjGen().unparse(' ') + " R";
    else
        write(object);
}

void ObjectSerializer::write_string(QPDFObjectHandle string) {
    if (encryption_ != nullptr)
        string = QPDFObjectHandle::newString(encryption_->encrypt_string(string.getStringValue(), owner_));
    out_ += string.unparse();
}

} // namespace digisign::documents
