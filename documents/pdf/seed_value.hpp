// SPDX-License-Identifier: LGPL-2.1-or-later
// What an empty signature field demands of the signature that goes into it (ISO 32000-1 table 234).

#pragma once

#include "common/mechanism.hpp"
#include "documents/pdf/pdf_document.hpp"

#include <optional>
#include <string>

namespace digisign::documents {

/// Why a signature of ours with this reason cannot go into the field with this seed value dictionary (null:
/// any signature can); a piece of a sentence such as "it must be certified".
std::optional<std::string> unmet_demand(PdfDocument& document, QPDFObjectHandle seed_value,
                                        const std::string& reason);

/// Whether the dictionary lets the signature use this digest.
bool allows_digest(PdfDocument& document, QPDFObjectHandle seed_value, Digest digest);

} // namespace digisign::documents
