// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects in the notation of a PDF file (ISO 32000-1 section 7.3).

#pragma once

#include "documents/pdf/object_encryption.hpp"

#include <qpdf/QPDFObjectHandle.hh>

#include <string>

namespace digisign::documents {

/// Appends to a text. Indirect objects inside the one written stay references.
class ObjectSerializer {
public:
    /// For what is never encrypted: trailers and cross-reference streams.
    explicit ObjectSerializer(std::string& out) : out_(out) {}

    /// For the value of the indirect object `owner`, whose strings are encrypted.
    ObjectSerializer(std::string& out, const ObjectEncryption& encryption, QPDFObjGen owner)
        : out_(out), encryption_(&encryption), owner_(owner) {}

    void write(QPDFObjectHandle object);

    /// The entries of a dictionary without the brackets around them.
    void write_entries(QPDFObjectHandle dictionary);

private:
    void write_nested(QPDFObjectHandle object);
    void write_string(QPDFObjectHandle string);

    std::string& out_;
    const ObjectEncryption* encryption_ = nullptr;
    QPDFObjGen owner_;
};

} // namespace digisign::documents
