// SPDX-License-Identifier: LGPL-2.1-or-later
// The signature fields of a document's interactive form (ISO 32000-1 sections 12.7.2 to 12.7.4.5).

#pragma once

#include "documents/pdf/pdf_document.hpp"

#include <set>
#include <string>
#include <vector>

namespace digisign::documents {

struct SignatureField {
    std::string name; ///< fully qualified, UTF-8
    QPDFObjectHandle dictionary;
    /// The annotation that shows it: the field itself or its only kid; not initialized if there are several
    /// or none.
    QPDFObjectHandle widget;
    /// The signature dictionary; null while the field is empty.
    QPDFObjectHandle signature;
    /// The signature field lock dictionary or null.
    QPDFObjectHandle lock;

    bool is_signed() const { return QPDFObjectHandle(signature).isDictionary(); }
};

struct Form {
    QPDFObjectHandle dictionary; ///< null if the document has none
    std::vector<SignatureField> signature_fields;
    std::set<std::string> names; ///< of all fields, inner nodes of the tree included
};

/// Throws Error: PdfDamaged, PdfUnsupported (a tree of fields that has no end).
Form read_form(PdfDocument& document);

} // namespace digisign::documents
