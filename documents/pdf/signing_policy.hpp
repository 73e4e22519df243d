// SPDX-License-Identifier: LGPL-2.1-or-later
// What a document's author and its earlier signers allow.

#pragma once

#include "documents/pdf/field_lock.hpp"
#include "documents/pdf/form.hpp"

#include <string_view>
#include <vector>

namespace digisign::documents {

class SigningPolicy {
public:
    /// Throws Error: PdfSigningForbidden (the certification allows no change), PdfUnsupported (a dynamic XFA
    /// form).
    SigningPolicy(PdfDocument& document, const Form& form);

    /// What an encrypted document's author permits its readers (ISO 32000-1 table 22).
    bool may_add_field() const { return may_add_field_; }
    bool may_fill_field() const { return may_fill_field_; }

    /// Whether signing the field with this name, new or not, would break an earlier signature.
    bool is_locked(std::string_view field_name) const;

private:
    void read_permissions(QPDF& document);

    bool may_add_field_ = true;
    bool may_fill_field_ = true;
    std::vector<FieldLock> locks_;
};

} // namespace digisign::documents
