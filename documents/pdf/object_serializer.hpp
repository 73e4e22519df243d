// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects in the notation of a PDF file (ISO 32000-1 section 7.3).

#pragma once

#include <qpdf/QPDFObjectHandle.hh>

#include <string>

namespace digisign::documents {

/// Appends the value of `object` to `out`; indirect objects in it stay references.
void serialize_object(QPDFObjectHandle object, std::string& out);

/// The entries of a dictionary without the brackets around them.
void serialize_entries(QPDFObjectHandle dictionary, std::string& out);

} // namespace digisign::documents
