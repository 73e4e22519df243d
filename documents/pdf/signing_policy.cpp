// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/signing_policy.hpp"

#include <algorithm>

namespace digisign::documents {

namespace {

Error forbidden(const char* why) {
    return {ErrorCode::PdfSigningForbidden, why};
}

// The parameters of the transforms with this method in a signature dictionary.
std::vector<QPDFObjectHandle> transform_parameters(PdfDocument& document, QPDFObjectHandle signature,
                                                   const char* method) {
    std::vector<QPDFObjectHandle> found;
    if (!signature.isDictionary())
        return found;
    for (QPDFObjectHandle& reference : document.elements(document.get(signature, "/Reference"))) {
        if (!reference.isDictionary() || !document.get(reference, "/TransformMethod").isNameAndEquals(method))
            continue;
        QPDFObjectHandle parameters = document.get(reference, "/TransformParams");
        found.push_back(parameters.isDictionary() ? parameters : QPDFObjectHandle::newDictionary());
    }
    return found;
}

// /P of ISO 32000-1 table 254; its default is 2.
bool allows_no_change(PdfDocument& document, QPDFObjectHandle parameters) {
    QPDFObjectHandle permissions = document.get(parameters, "/P");
    return permissions.isInteger() && permissions.getIntValue() == 1;
}

void check_certification(PdfDocument& document, QPDFObjectHandle signature) {
    for (QPDFObjectHandle parameters : transform_parameters(document, signature, "/DocMDP"))
        if (allows_no_change(document, parameters))
            throw forbidden(
                "the document is certified in a way that allows no change, not even another signature");
}

} // namespace

void SigningPolicy::read_permissions(QPDF& document) {
    int revision = 0;
    int permissions = 0;
    if (!document.isEncrypted(revision, permissions) || document.ownerPasswordMatched())
        return;
    const auto has_bit = [&](int number) { return (permissions >> (number - 1) & 1) != 0; };
    constexpr int modify = 4;
    constexpr int annotate_and_fill = 6;
    constexpr int fill = 9; // from revision 3 of the standard security handler on
    may_add_field_ = has_bit(annotate_and_fill) && has_bit(modify);
    may_fill_field_ = has_bit(annotate_and_fill) || (revision >= 3 && has_bit(fill));
}

SigningPolicy::SigningPolicy(PdfDocument& document, const Form& form) {
    read_permissions(document.qpdf());
    if (document.is_repaired() && std::ranges::any_of(form.signature_fields, [](const SignatureField& field) {
            return field.is_signed();
        }))
        throw Error(ErrorCode::PdfDamaged,
                    "the document is damaged: its cross-reference table is broken, and it is signed");
    if (document.get(document.catalog(), "/NeedsRendering").isBool() &&
        document.get(document.catalog(), "/NeedsRendering").getBoolValue())
        throw Error(ErrorCode::PdfUnsupported,
                    "the document is a dynamic XFA form, which only Adobe's programs can show");

    QPDFObjectHandle permissions = document.get(document.catalog(), "/Perms");
    if (permissions.isDictionary())
        check_certification(document, document.get(permissions, "/DocMDP"));

    for (const SignatureField& field : form.signature_fields) {
        if (!field.is_signed())
            continue;
        check_certification(document, field.signature);
        for (QPDFObjectHandle parameters : transform_parameters(document, field.signature, "/FieldMDP"))
            locks_.emplace_back(document, parameters);
        QPDFObjectHandle lock = field.lock;
        if (!lock.isDictionary())
            continue;
        if (allows_no_change(document, lock))
            throw forbidden("an earlier signature locks the document against any change");
        locks_.emplace_back(document, lock);
    }
}

bool SigningPolicy::is_locked(std::string_view field_name) const {
    return std::ranges::any_of(locks_, [&](const FieldLock& lock) { return lock.covers(field_name); });
}

} // namespace digisign::documents
