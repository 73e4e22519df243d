// SPDX-License-Identifier: LGPL-2.1-or-later
// The objects that make a signature: its dictionary, its field and widget, and what must point to them.

#pragma once

#include "documents/pdf/field_choice.hpp"
#include "documents/pdf/pdf_signer.hpp"
#include "documents/pdf/revision.hpp"

namespace digisign::documents {

/// Puts into the revision everything a signature in this field needs.
void add_signature_objects(PdfDocument& document, Revision& revision, const Form& form,
                           const FieldChoice& choice, const PdfSignOptions& options);

} // namespace digisign::documents
