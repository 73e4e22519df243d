// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/pdf_document.hpp"

#include <qpdf/QPDFObjectHandle.hh>

#include <algorithm>
#include <set>
#include <vector>

namespace digisign::documents {

namespace {

// A cross-reference table of two million objects is read within this; it takes QPDF about a second.
constexpr std::uint64_t read_limit = 128 * 1024 * 1024;

// ISO 32000-1 annex C: the largest number of indirect objects that readers must cope with.
constexpr int object_number_limit = 8'388'607;

Error damaged(const std::string& why) {
    return {ErrorCode::PdfDamaged, "the document is damaged: " + why};
}

} // namespace

PdfDocument::PdfDocument(int fd, std::uint64_t size) {
    check_header(fd);
    layout_ = read_file_layout(fd, size);
    source_ = std::make_shared<FdInputSource>(fd, size, read_limit);
    qpdf_ = std::make_unique<QPDF>();
    guard([this] { open(); });
}

void PdfDocument::open() {
    qpdf_->setSuppressWarnings(true);
    // A cross-reference table that QPDF pieced together is in QPDF's memory only; what is appended to the
    // file would refer to the broken one in the file.
    qpdf_->setAttemptRecovery(false);
    qpdf_->processInputSource(source_);
    if (qpdf_->isEncrypted())
        throw Error(ErrorCode::PdfEncrypted, "the document is encrypted");
    QPDFObjectHandle root = trailer().getKey("/Root");
    if (!root.isIndirect() || !checked(root).isDictionary())
        throw damaged("it has no catalog");
}

QPDFObjectHandle PdfDocument::catalog() {
    return trailer().getKey("/Root");
}

QPDFObjectHandle PdfDocument::checked(QPDFObjectHandle object) {
    if (!object.isIndirect())
        return object;
    const std::size_t warnings_before = qpdf_->numWarnings();
    if (object.isNull() && qpdf_->numWarnings() > warnings_before)
        throw damaged("object " + object.getObjGen().unparse(' ') + " cannot be read");
    return object;
}

QPDFObjectHandle PdfDocument::get(QPDFObjectHandle dictionary, const char* key) {
    QPDFObjectHandle owner = dictionary;
    return checked(owner.getKey(key));
}

std::vector<QPDFObjectHandle> PdfDocument::elements(QPDFObjectHandle array) {
    QPDFObjectHandle owner = array;
    if (!owner.isArray())
        return {};
    std::vector<QPDFObjectHandle> items = owner.getArrayAsVector();
    for (QPDFObjectHandle item : items)
        checked(item);
    return items;
}

QPDFObjectHandle PdfDocument::first_page() {
    // ISO 32000-1 section 7.7.3. The tree is walked by hand because QPDF's own walk visits and repairs every
    // page.
    std::vector<QPDFObjectHandle> open_nodes{get(catalog(), "/Pages")};
    std::set<QPDFObjGen> visited;
    while (!open_nodes.empty()) {
        QPDFObjectHandle node = open_nodes.back();
        open_nodes.pop_back();
        if (!node.isDictionary() || (node.isIndirect() && !visited.insert(node.getObjGen()).second))
            continue;
        QPDFObjectHandle kids = get(node, "/Kids");
        if (!kids.isArray()) {
            if (!node.isIndirect())
                throw damaged("its first page is not an object of its own");
            return node;
        }
        std::vector<QPDFObjectHandle> children = kids.getArrayAsVector();
        open_nodes.insert(open_nodes.end(), children.rbegin(), children.rend());
    }
    throw damaged("it has no pages");
}

int PdfDocument::next_object_number() {
    int highest = layout_.xref_stream_object;
    const auto table = qpdf_->getXRefTable();
    if (!table.empty())
        highest = std::max(highest, table.rbegin()->first.getObj());
    const long long size = trailer().getKey("/Size").getIntValue();
    if (size > object_number_limit || highest >= object_number_limit)
        throw Error(ErrorCode::PdfUnsupported, "the document claims to have more objects than a PDF can");
    return std::max(highest + 1, static_cast<int>(std::max(size, 1LL)));
}

void PdfDocument::require_readable() const {
    if (source_->failure())
        throw *source_->failure();
}

Error PdfDocument::too_complex() {
    return {ErrorCode::PdfUnsupported, "the document is too complex to be looked through"};
}

Error PdfDocument::translate(const QPDFExc& exception) {
    if (exception.getErrorCode() == qpdf_e_password)
        return {ErrorCode::PdfEncrypted, "the document is encrypted with a password"};
    if (exception.getErrorCode() == qpdf_e_unsupported)
        return {ErrorCode::PdfUnsupported,
                "the document cannot be processed: " + exception.getMessageDetail()};
    return damaged(exception.getMessageDetail());
}

} // namespace digisign::documents
