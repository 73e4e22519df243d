// SPDX-License-Identifier: LGPL-2.1-or-later
// The bytes of an incremental update (ISO 32000-1 section 7.5.6): changed and new objects, a cross-reference
// section of the same kind as the file's newest one, and a trailer that continues it. A file that has no
// section to continue gets one that lists all its objects.

#pragma once

#include "documents/pdf/object_encryption.hpp"
#include "documents/pdf/pdf_document.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace digisign::documents {

/// A revision as it will stand in the file. The signature covers all of the file but the token /Contents.
struct SerializedRevision {
    std::string bytes;
    std::uint64_t contents_begin = 0; ///< offsets in the file, of "<" …
    std::uint64_t contents_end = 0;   ///< … and after ">"
};

class Revision {
public:
    /// The document must outlive the revision and not be changed but through it.
    explicit Revision(PdfDocument& document);

    /// Takes a direct object in as a new indirect one and returns a reference to it.
    QPDFObjectHandle add(QPDFObjectHandle object);
    QPDFObjectHandle add_stream(QPDFObjectHandle dictionary, const std::string& data);

    /// Adds a signature dictionary, to which serialize() gives /ByteRange and /Contents.
    QPDFObjectHandle add_signature(QPDFObjectHandle dictionary);

    /// Notes that an indirect object of the document was or will be changed in place. Throws
    /// Error(PdfDamaged) if it is ill-formed.
    void change(QPDFObjectHandle object);

    /// `id` becomes the second element of the file identifier, 16 random bytes.
    SerializedRevision serialize(std::size_t reserved_contents, const std::string& id);

private:
    struct Entry {
        int generation = 0;
        std::uint64_t offset = 0;
        bool in_use = true;
    };

    QPDFObjectHandle trailer_dictionary(const std::string& id);
    void write_object(int number, std::string& out, std::size_t reserved_contents,
                      SerializedRevision& result);
    void write_signature(QPDFObjectHandle dictionary, std::string& out, std::size_t reserved_contents,
                         SerializedRevision& result);
    void write_table(std::string& out, const std::string& id);
    void list_old_objects();
    void write_xref_stream(std::string& out, const std::string& id);
    std::uint64_t offset_of(const std::string& out) const;

    PdfDocument& document_;
    ObjectEncryption encryption_;
    int next_number_;
    std::map<int, Entry> entries_;
    std::map<int, std::string> stream_data_;
    int signature_number_ = 0;
    std::size_t byte_range_at_ = 0;
};

} // namespace digisign::documents
