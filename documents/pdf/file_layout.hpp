// SPDX-License-Identifier: LGPL-2.1-or-later
// What a revision appended to a PDF must know about the bytes before it, and what QPDF does not tell.

#pragma once

#include <cstdint>

namespace digisign::documents {

/// ISO 32000-1 sections 7.5.4 and 7.5.8.
enum class XrefKind { Table, Stream };

struct FileLayout {
    std::uint64_t size = 0;
    bool ends_with_eol = false;
    /// The number after the last "startxref", as written.
    std::uint64_t startxref = 0;
    /// Of the section there, which is the newest one.
    XrefKind kind = XrefKind::Table;
    /// Number of the stream object that is the section; 0 for a table.
    int xref_stream_object = 0;
    /// The section is a table in several parts.
    bool split_table = false;
};

/// Checks the header. Throws Error: NotPdf, PdfUnsupported (something stands before the header),
/// InputUnreadable.
void check_header(int fd);

/// Reads the file's last bytes and the beginning of the section they point to. Throws Error: PdfDamaged,
/// InputUnreadable.
FileLayout read_file_layout(int fd, std::uint64_t size);

} // namespace digisign::documents
