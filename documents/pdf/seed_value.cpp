// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/seed_value.hpp"

#include <algorithm>
#include <vector>

namespace digisign::documents {

namespace {

// Bits of /Ff in a seed value dictionary that make an entry a demand instead of a proposal.
enum SeedFlag : long long {
    filter_required = 1 << 0,
    subfilter_required = 1 << 1,
    version_required = 1 << 2,
    reasons_required = 1 << 3,
    legal_attestation_required = 1 << 4,
    revocation_info_required = 1 << 5,
    digest_required = 1 << 6,
    lock_document_required = 1 << 7,
};

long long flags_of(PdfDocument& document, QPDFObjectHandle dictionary) {
    QPDFObjectHandle flags = document.get(dictionary, "/Ff");
    return flags.isInteger() ? flags.getIntValue() : 0;
}

bool is_dictionary_with_demands(PdfDocument& document, QPDFObjectHandle value) {
    return value.isDictionary() && flags_of(document, value) != 0;
}

bool lists_text(PdfDocument& document, QPDFObjectHandle array, const std::string& text) {
    return std::ranges::any_of(document.elements(array), [&](QPDFObjectHandle item) {
        return item.isString() && item.getUTF8Value() == text;
    });
}

// An absent list of reasons or one that is just "." means that no reason may be given.
bool allows_reason(PdfDocument& document, QPDFObjectHandle reasons, const std::string& reason) {
    const bool none_allowed = document.elements(reasons).empty() || lists_text(document, reasons, ".");
    return none_allowed ? reason.empty() : lists_text(document, reasons, reason);
}

} // namespace

std::optional<std::string> unmet_demand(PdfDocument& document, QPDFObjectHandle seed_value,
                                        const std::string& reason) {
    if (!seed_value.isDictionary())
        return std::nullopt;
    const long long flags = flags_of(document, seed_value);
    const auto entry = [&](const char* key) { return document.get(seed_value, key); };

    if (flags & filter_required && !entry("/Filter").isNameAndEquals("/Adobe.PPKLite"))
        return "it must be made by a certain program";
    if (flags & subfilter_required &&
        std::ranges::none_of(document.elements(entry("/SubFilter")), [](QPDFObjectHandle name) {
            return name.isNameAndEquals("/ETSI.CAdES.detached");
        }))
        return "it must have a format other than PAdES";
    if (QPDFObjectHandle version = entry("/V");
        flags & version_required && version.isNumber() && version.getNumericValue() > 2)
        return "it must follow a newer standard";
    if (flags & reasons_required && !allows_reason(document, entry("/Reasons"), reason))
        return "its reason must be one of those the field lists";
    if (flags & legal_attestation_required)
        return "it must have a legal attestation";
    if (QPDFObjectHandle revocation = entry("/AddRevInfo");
        flags & revocation_info_required && revocation.isBool() && revocation.getBoolValue())
        return "it must contain revocation information";
    if (flags & lock_document_required && entry("/LockDocument").isNameAndEquals("/true"))
        return "it must lock the document";
    if (QPDFObjectHandle certification = entry("/MDP"); certification.isDictionary()) {
        QPDFObjectHandle permissions = document.get(certification, "/P");
        if (permissions.isInteger() && permissions.getIntValue() != 0)
            return "it must certify the document";
    }
    if (is_dictionary_with_demands(document, entry("/TimeStamp")))
        return "it must have a time stamp";
    if (is_dictionary_with_demands(document, entry("/Cert")))
        return "it must be made with a certain kind of certificate";
    return std::nullopt;
}

bool allows_digest(PdfDocument& document, QPDFObjectHandle seed_value, Digest digest) {
    if (!seed_value.isDictionary() || !(flags_of(document, seed_value) & digest_required))
        return true;
    QPDFObjectHandle methods = document.get(seed_value, "/DigestMethod");
    return !methods.isArray() || lists_text(document, methods, std::string(digest_name(digest)));
}

} // namespace digisign::documents
