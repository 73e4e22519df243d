// SPDX-License-Identifier: LGPL-2.1-or-later
// How files are read: their layout, QPDF's window on them, copying.

#include "common/error.hpp"
#include "documents/pdf/document_io.hpp"
#include "documents/pdf/fd_input_source.hpp"
#include "documents/pdf/file_layout.hpp"
#include "tests/unit/documents/temporary_file.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <functional>

using namespace digisign;
using namespace digisign::documents;
using digisign::test::TemporaryFile;

namespace {

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::Internal;
}

FileLayout layout_of(const std::string& content) {
    return read_file_layout(TemporaryFile(content).fd(), content.size());
}

const std::string table = "%PDF-1.7\nxref\n0 1\n0000000000 65535 f\r\ntrailer\n<</Size 1>>\n";

} // namespace

TEST_CASE("check_header__first_bytes_are_the_header__is_accepted") {
    CHECK_NOTHROW(check_header(TemporaryFile("%PDF-1.4\n").fd()));
}

TEST_CASE("check_header__header_missing_or_not_first__is_a_named_error") {
    CHECK(code_of([] { check_header(TemporaryFile("PK\x03\x04").fd()); }) == ErrorCode::NotPdf);
    CHECK(code_of([] { check_header(TemporaryFile("").fd()); }) == ErrorCode::NotPdf);
    CHECK(code_of([] { check_header(TemporaryFile(std::string(1020, ' ') + "%PDF-1.4").fd()); }) ==
          ErrorCode::NotPdf);
    CHECK(code_of([] { check_header(TemporaryFile("%PDF-\n%PDF-1.4\n").fd()); }) == ErrorCode::PdfDamaged);
    CHECK(code_of([] { check_header(TemporaryFile("junk\n%PDF-1.4").fd()); }) == ErrorCode::PdfUnsupported);
}

TEST_CASE("read_file_layout__table__is_recognized_at_its_exact_offset") {
    const FileLayout layout = layout_of(table + "startxref\n9\n%%EOF\n");
    CHECK(layout.kind == XrefKind::Table);
    CHECK(layout.newest_section == 9);
    CHECK(layout.ends_with_eol);
    CHECK_FALSE(layout.split_table);
    // Some producers miss by a line end, and readers put up with it.
    CHECK(layout_of(table + "startxref\n8\n%%EOF").newest_section == 9);
}

TEST_CASE("read_file_layout__table_in_parts__is_noticed") {
    CHECK(layout_of("%PDF-1.7\nxref\n0 1\n0000000000 65535 f\r\n4 1\n0000000010 00000 "
                    "n\r\ntrailer\n<<>>\nstartxref\n9\n%%EOF")
              .split_table);
}

TEST_CASE("read_file_layout__stream__is_recognized_with_its_object_number") {
    const FileLayout layout = layout_of("%PDF-1.7\n12 0 obj\n<</Type/XRef>>\nstartxref\n9\n%%EOF");
    CHECK(layout.kind == XrefKind::Stream);
    CHECK(layout.xref_stream_object == 12);
    CHECK_FALSE(layout.ends_with_eol);
    CHECK(layout_of("%PDF-1.7\n% why not\n12 0 obj <<>>\nstartxref\n9\n%%EOF").newest_section == 19);
}

TEST_CASE("read_file_layout__several_startxref__takes_the_last") {
    CHECK(layout_of(table + "startxref\n1\n%%EOF\nstartxref\n9\n%%EOF\n").newest_section == 9);
}

TEST_CASE("read_file_layout__pointer_missing_or_wrong__is_pdf_damaged") {
    const std::string end = GENERATE(
        as<std::string>(), "", "startxref\n", "startxref\n0\n", "startxref\n9\n%%EOF\nstartxref\n",
        "startxref\n99999\n", "startxref\n-9\n", "startxref\n18446744073709551616\n", "startxref\n20\n%%EOF");
    CAPTURE(end);
    CHECK(code_of([&] { layout_of(table + end); }) == ErrorCode::PdfDamaged);
}

TEST_CASE("find_file_layout__wrong_pointer__finds_the_last_table") {
    const std::string content = "%PDF-1.7\nxref\n0 0\n" + table + "startxref\n5\n%%EOF";
    CHECK(find_file_layout(TemporaryFile(content).fd(), content.size()).newest_section == 27);
    CHECK(code_of([] { find_file_layout(TemporaryFile("%PDF-1.7 startxref").fd(), 18); }) ==
          ErrorCode::PdfDamaged);
}

TEST_CASE("fd_input_source__file_larger_than_its_window__reads_the_same_bytes") {
    std::string content;
    for (int i = 0; content.size() < 50'000; ++i)
        content += std::to_string(i) + ' ';
    const TemporaryFile file(content);
    FdInputSource source(file.fd(), content.size(), 1'000'000);
    std::string found(content.size() + 10, '?');
    REQUIRE(source.read(found.data(), found.size()) == content.size());
    CHECK(found.substr(0, content.size()) == content);
    CHECK(source.tell() == static_cast<qpdf_offset_t>(content.size()));
    source.seek(-5, SEEK_END);
    REQUIRE(source.read(found.data(), 100) == 5);
    CHECK(found.substr(0, 5) == content.substr(content.size() - 5));
    CHECK(source.read(found.data(), 1) == 0);
}

TEST_CASE("fd_input_source__suffix__follows_the_file") {
    const TemporaryFile file("abc");
    FdInputSource source(file.fd(), 3, 1000, "def");
    std::string found(6, '?');
    REQUIRE(source.read(found.data(), 6) == 6);
    CHECK(found == "abcdef");
    source.seek(-2, SEEK_END);
    REQUIRE(source.read(found.data(), 6) == 2);
    CHECK(found.substr(0, 2) == "ef");
}

TEST_CASE("fd_input_source__find_and_skip_next_eol__does_as_qpdf_expects") {
    const TemporaryFile file("one\r\n\r\ntwo");
    FdInputSource source(file.fd(), 10, 1000);
    CHECK(source.findAndSkipNextEOL() == 3);
    CHECK(source.tell() == 7);
    CHECK(source.findAndSkipNextEOL() == 10);
    CHECK(source.tell() == 10);
}

TEST_CASE("fd_input_source__reads_more_than_allowed__fails_and_keeps_the_reason") {
    const TemporaryFile file(std::string(1000, 'x'));
    FdInputSource source(file.fd(), 1000, 1500);
    std::string found(1000, '?');
    CHECK(source.read(found.data(), 1000) == 1000);
    source.rewind();
    CHECK(code_of([&] { source.read(found.data(), 1000); }) == ErrorCode::PdfUnsupported);
    REQUIRE(source.failure());
    CHECK(source.failure()->code() == ErrorCode::PdfUnsupported);
}

TEST_CASE("fd_input_source__seek_before_the_beginning_or_over_the_range__throws") {
    const TemporaryFile file("abc");
    FdInputSource source(file.fd(), 3, 1000);
    CHECK_THROWS(source.seek(-1, SEEK_SET));
    CHECK_THROWS(source.seek(-4, SEEK_END));
    source.seek(10, SEEK_SET);
    CHECK_THROWS(source.seek(std::numeric_limits<qpdf_offset_t>::max(), SEEK_CUR));
}

TEST_CASE("copy_and_hash__large_file__copies_it_whole_and_hashes_what_it_copied") {
    std::string content(1'000'003, '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
        content[i] = static_cast<char>(i * 7919 >> 3);
    const TemporaryFile from(content);
    const TemporaryFile to;
    Hasher hasher(Digest::Sha256);
    copy_and_hash(from.fd(), to.fd(), content.size(), hasher);
    CHECK(hasher.finish() == hash(Digest::Sha256, as_bytes(content)));
    CHECK(read_at(to.fd(), 0, content.size() + 1) == content);
}

TEST_CASE("copy_and_hash__file_became_shorter__is_input_changed") {
    const TemporaryFile from("short");
    const TemporaryFile to;
    Hasher hasher(Digest::Sha256);
    CHECK(code_of([&] { copy_and_hash(from.fd(), to.fd(), 6, hasher); }) == ErrorCode::InputChanged);
}

TEST_CASE("file_state__written_to_meanwhile__is_input_changed") {
    const TemporaryFile file("before");
    const FileState state(file.fd());
    CHECK_NOTHROW(state.require_unchanged(file.fd()));
    write_all(file.fd(), as_bytes("after"));
    CHECK(code_of([&] { state.require_unchanged(file.fd()); }) == ErrorCode::InputChanged);
}

TEST_CASE("file_state__pipe_or_directory__is_not_a_regular_file") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    CHECK(code_of([&] { FileState{reading.get()}; }) == ErrorCode::InputNotRegularFile);
}
