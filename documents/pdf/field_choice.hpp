// SPDX-License-Identifier: LGPL-2.1-or-later
// Which signature field a new signature goes into.

#pragma once

#include "documents/pdf/form.hpp"
#include "documents/pdf/signing_policy.hpp"

#include <optional>
#include <string>

namespace digisign::documents {

struct FieldChoice {
    std::string name;
    /// Empty if the field is to be made …
    std::optional<SignatureField> existing;
    /// … on this page.
    QPDFObjectHandle page;
};

/// With a `wanted` name that field, else the only one that waits for a signature, else a new one. Throws
/// Error: InvalidArgument (no such field, or it is signed), PdfSigningForbidden (locked), PdfUnsupported (its
/// demands), PdfDamaged (there is no page for a new field).
FieldChoice choose_field(PdfDocument& document, const Form& form, const SigningPolicy& policy,
                         const std::optional<std::string>& wanted, const std::string& reason);

} // namespace digisign::documents
