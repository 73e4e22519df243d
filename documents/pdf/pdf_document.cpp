// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/pdf_document.hpp"

#include "documents/pdf/document_io.hpp"

#include <algorithm>

namespace digisign::documents {

namespace {

// A cross-reference table of two million objects is read within this; it takes QPDF about a second.
constexpr std::uint64_t read_limit = 128 * 1024 * 1024;

// ISO 32000-1 annex C: the largest number of indirect objects that readers must cope with.
constexpr int object_number_limit = 8'388'607;

// Broken documents are searched through, for which QPDF takes time that grows with the square of their
// objects. Those in the wild are small.
constexpr std::uint64_t repair_size_limit = 16 * 1024 * 1024;
constexpr std::size_t repair_object_limit = 8'000;

Error damaged(const std::string& why) {
    return {ErrorCode::PdfDamaged, "the document is damaged: " + why};
}

// As in QPDF's warnings.
std::string name_of(QPDFObjectHandle object) {
    return "object " + object.getObjGen().unparse(' ');
}

} // namespace

PdfDocument::PdfDocument(int fd, std::uint64_t size, const std::string& password) {
    check_header(fd);
    try {
        open_sound(fd, size, password);
        return;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::PdfDamaged || size > repair_size_limit)
            throw;
    }
    is_repaired_ = true;
    try {
        open_with_misplaced_table(fd, size);
    } catch (const Error&) {
        open_without_table(fd, size);
    }
}

void PdfDocument::open(int fd, const std::string& password) {
    // QPDF is shown a pointer behind the file's end, so that it reads the very section that what is appended
    // continues. Where there is none, the pointer to 0 makes it search for objects at once.
    const std::string suffix =
        "\nstartxref\n" + std::to_string(layout_.newest_section.value_or(0)) + "\n%%EOF\n";
    ill_formed_.clear();
    source_ = std::make_shared<FdInputSource>(fd, layout_.size, read_limit, suffix);
    qpdf_ = std::make_unique<QPDF>();
    guard([&] {
        qpdf_->setSuppressWarnings(true);
        // Only then: a table that QPDF pieced together is nowhere in the file, where what is appended could
        // continue it.
        qpdf_->setAttemptRecovery(!layout_.newest_section);
        qpdf_->processInputSource(source_, password.c_str());
        for (const auto& [key, value] : trailer().getDictAsMap())
            note_reference(value);
        QPDFObjectHandle root = catalog();
        if (!root.isIndirect() || !checked(root).isDictionary())
            throw damaged("it has no catalog");
    });
}

void PdfDocument::open_sound(int fd, std::uint64_t size, const std::string& password) {
    layout_ = read_file_layout(fd, size);
    open(fd, password);
}

void PdfDocument::open_with_misplaced_table(int fd, std::uint64_t size) {
    layout_ = find_file_layout(fd, size);
    open(fd, "");
    guard([this] { require_repairable(); });
}

void PdfDocument::open_without_table(int fd, std::uint64_t size) {
    layout_ = layout_without_section(fd, size);
    open(fd, "");
    guard([&] {
        require_only_root(fd);
        require_repairable();
    });
}

// Every object must be there, and nothing that says what the file was like when somebody signed it.
void PdfDocument::require_repairable() {
    const auto table = qpdf_->getXRefTable();
    if (qpdf_->isEncrypted() || table.size() > repair_object_limit)
        throw damaged("its cross-reference table is broken");
    for (const auto& [id, entry] : table) {
        const std::size_t warnings_before = qpdf_->numWarnings();
        QPDFObjectHandle object = qpdf_->getObject(id);
        if (object.isNull() && qpdf_->numWarnings() > warnings_before)
            throw damaged("its cross-reference table is broken, and " + name_of(object) + " is, too");
        if (object.isDictionary() && object.hasKey("/ByteRange"))
            throw damaged("its cross-reference table is broken, and it is signed");
        if (object.isStreamOfType("/ObjStm") && !layout_.newest_section)
            throw damaged("its cross-reference table is broken, and it has compressed objects");
    }
}

// QPDF takes the first trailer it finds, other programs the last one. That is the same only if all name the
// same catalog.
void PdfDocument::require_only_root(int fd) {
    const std::string file = read_at(fd, 0, layout_.size);
    const std::string root = "/Root " + catalog().getObjGen().unparse(' ') + " R";
    for (std::size_t at = file.find("/Root"); at != std::string::npos; at = file.find("/Root", at + 1))
        if (file.compare(at, root.size(), root) != 0)
            throw damaged("its cross-reference table is broken, and it has several catalogs");
}

void PdfDocument::note_reference(QPDFObjectHandle object) {
    highest_reference_ = std::max(highest_reference_, object.getObjectID()); // 0 for a direct object
}

QPDFObjectHandle PdfDocument::checked(QPDFObjectHandle object) {
    note_reference(object);
    if (!object.isIndirect())
        return object;
    const std::size_t warnings_before = qpdf_->numWarnings();
    // Dictionaries and arrays are looked at, never streams; one that QPDF had to mend is nothing to others.
    if (!object.isNull() && !object.isStream())
        return object;
    // The warning comes earlier if the object is in an object stream of which another one was read.
    const bool warned_now = qpdf_->numWarnings() > warnings_before;
    note_ill_formed();
    if (warned_now || ill_formed_.contains(name_of(object)))
        throw damaged(name_of(object) + " cannot be read");
    return object;
}

QPDFObjectHandle PdfDocument::get(QPDFObjectHandle dictionary, const char* key) {
    return checked(dictionary.getKey(key));
}

QPDFObjectHandle PdfDocument::get_array(QPDFObjectHandle dictionary, const char* key) {
    QPDFObjectHandle array = get(dictionary, key);
    if (!array.isArray() && !array.isNull())
        throw damaged(std::string(key) + " is no array");
    return array;
}

std::vector<QPDFObjectHandle> PdfDocument::elements(QPDFObjectHandle array) {
    if (!array.isArray())
        return {};
    std::vector<QPDFObjectHandle> items = array.getArrayAsVector();
    for (QPDFObjectHandle& item : items)
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

void PdfDocument::require_well_formed(QPDFObjectHandle object) {
    note_ill_formed();
    if (ill_formed_.contains(name_of(object)))
        throw damaged(name_of(object) + " is ill-formed");
}

void PdfDocument::require_well_formed_trailer() {
    note_ill_formed();
    if (std::ranges::any_of(ill_formed_, [](const std::string& name) {
            return name == "trailer" || name.starts_with("xref stream: object ");
        }))
        throw damaged("its trailer is ill-formed");
}

void PdfDocument::note_ill_formed() {
    for (const QPDFExc& warning : qpdf_->getWarnings()) // which QPDF forgets with this
        ill_formed_.insert(warning.getObject());
}

int PdfDocument::next_object_number() {
    int highest = std::max(layout_.xref_stream_object, highest_reference_);
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
