// SPDX-License-Identifier: LGPL-2.1-or-later
// What a revision appended to a PDF must know about the bytes before it, and what QPDF does not tell.

#pragma once

#include <cstdint>
#include <optional>

namespace digisign::documents {

/// ISO 32000-1 sections 7.5.4 and 7.5.8.
enum class XrefKind { Table, Stream };

struct FileLayout {
    std::uint64_t size = 0;
    bool ends_with_eol = false;
    /// Where the newest cross-reference section is, behind the blanks and comments that some files have
    /// before it; empty if the file has none that can be built upon.
    std::optional<std::uint64_t> newest_section;
    XrefKind kind = XrefKind::Table;
    /// Number of the stream object that is this section; 0 for a table.
    int xref_stream_object = 0;
    /// The section is a table in several parts.
    bool split_table = false;
};

/// Checks the header. Throws Error: NotPdf, PdfUnsupported (something stands before the header), PdfDamaged
/// (it names no version), InputUnreadable.
void check_header(int fd);

/// Looks at the section that the number after the last "startxref" points to. Throws Error: PdfDamaged,
/// InputUnreadable.
FileLayout read_file_layout(int fd, std::uint64_t size);

/// The same for the last cross-reference table there is, wherever "startxref" points. Throws
/// Error(PdfDamaged).
FileLayout find_file_layout(int fd, std::uint64_t size);

/// The file has no section to build upon.
FileLayout layout_without_section(int fd, std::uint64_t size);

} // namespace digisign::documents
