// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/objections.hpp"

namespace digisign::documents {

namespace {

bool is_true(QPDFObjectHandle value) {
    return value.isBool() && value.getBoolValue();
}

bool has_widget_apart(const SignatureField& field) {
    return QPDFObjectHandle(field.dictionary).getObjGen() != QPDFObjectHandle(field.widget).getObjGen();
}

} // namespace

std::vector<std::string> expected_objections(PdfDocument& document, const Form& form,
                                             const FieldChoice& choice) {
    std::vector<std::string> sentences;
    if (QPDFObjectHandle dictionary = form.dictionary;
        // To switch it off could blank fields whose looks only the reader can make.
        dictionary.isDictionary() && is_true(document.get(dictionary, "/NeedAppearances")))
        sentences.emplace_back(
            "The form asks readers to draw its fields anew, which makes Adobe Reader doubt signatures.");
    if (QPDFObjectHandle permissions = document.get(document.catalog(), "/Perms");
        permissions.isDictionary() && !document.get(permissions, "/UR3").isNull())
        sentences.emplace_back(
            "The document grants usage rights that end with any change; Adobe Reader will say so.");
    if (document.is_repaired())
        sentences.emplace_back(
            "The document's cross-reference table is broken; the signed copy has one that is right.");
    if (document.layout().split_table && document.get(document.trailer(), "/Prev").isNull())
        sentences.emplace_back(
            "The document's cross-reference table is in parts, which makes Adobe Reader doubt the "
            "signature once a second one follows.");
    if (choice.existing && has_widget_apart(*choice.existing))
        sentences.emplace_back(
            "The signature field is apart from its looks on the page; programs that use poppler "
            "(Evince, Okular) take such a field for unsigned.");
    return sentences;
}

} // namespace digisign::documents
