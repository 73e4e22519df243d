// SPDX-License-Identifier: LGPL-2.1-or-later
// What programs will object to in a signed document although its signature is valid.

#pragma once

#include "documents/pdf/field_choice.hpp"

#include <string>
#include <vector>

namespace digisign::documents {

/// Sentences for people; asked before the document is changed.
std::vector<std::string> expected_objections(PdfDocument& document, const Form& form,
                                             const FieldChoice& choice);

} // namespace digisign::documents
