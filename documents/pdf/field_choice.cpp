// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/field_choice.hpp"

#include "documents/pdf/seed_value.hpp"

#include <algorithm>
#include <vector>

namespace digisign::documents {

namespace {

Error locked() {
    return {ErrorCode::PdfSigningForbidden,
            "an earlier signature locks the fields of the document, new ones included"};
}

Error not_permitted() {
    return {ErrorCode::PdfSigningForbidden, "the document's author does not permit others to sign it"};
}

bool is_usable(const SignatureField& field) {
    QPDFObjectHandle widget = field.widget;
    return QPDFObjectHandle(field.dictionary).isIndirect() && widget.isInitialized() && widget.isIndirect();
}

QPDFObjectHandle seed_value_of(PdfDocument& document, const SignatureField& field) {
    return document.get(field.dictionary, "/SV");
}

FieldChoice choose_named(PdfDocument& document, const Form& form, const SigningPolicy& policy,
                         const std::string& name, const std::string& reason) {
    const auto field = std::ranges::find(form.signature_fields, name, &SignatureField::name);
    if (field == form.signature_fields.end())
        throw Error(ErrorCode::InvalidArgument, "the document has no signature field \"" + name + '"');
    if (field->is_signed())
        throw Error(ErrorCode::InvalidArgument, "the signature field \"" + name + "\" is signed already");
    if (!policy.may_fill_field())
        throw not_permitted();
    if (policy.is_locked(name))
        throw locked();
    if (!is_usable(*field))
        throw Error(ErrorCode::PdfUnsupported,
                    "the signature field \"" + name + "\" is built in an unusual way");
    if (const auto demand = unmet_demand(document, seed_value_of(document, *field), reason))
        throw Error(ErrorCode::PdfUnsupported,
                    "the signature field \"" + name + "\" demands of a signature that " + *demand);
    return {name, *field, {}};
}

// The names that programs give, counted up until one is free.
std::string new_name(const Form& form) {
    for (int number = 1;; ++number) {
        std::string name = "Signature" + std::to_string(number);
        if (!form.names.contains(name))
            return name;
    }
}

} // namespace

FieldChoice choose_field(PdfDocument& document, const Form& form, const SigningPolicy& policy,
                         const std::optional<std::string>& wanted, const std::string& reason) {
    if (wanted)
        return choose_named(document, form, policy, *wanted, reason);

    std::vector<const SignatureField*> waiting;
    for (const SignatureField& field : form.signature_fields)
        if (policy.may_fill_field() && !field.is_signed() && is_usable(field) &&
            !policy.is_locked(field.name) && !unmet_demand(document, seed_value_of(document, field), reason))
            waiting.push_back(&field);

    // Of several fields the first may be another person's, so none is taken as long as a new one will do.
    std::string name = new_name(form);
    const bool new_field_allowed = policy.may_add_field() && !policy.is_locked(name);
    if (waiting.size() == 1 || (!waiting.empty() && !new_field_allowed))
        return {waiting.front()->name, *waiting.front(), {}};
    if (!new_field_allowed)
        throw policy.may_add_field() ? locked() : not_permitted();
    QPDFObjectHandle page = document.first_page();
    document.get_array(page, "/Annots"); // where the field's annotation goes
    return {std::move(name), std::nullopt, page};
}

} // namespace digisign::documents
