// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/file_layout.hpp"

#include "common/error.hpp"
#include "documents/pdf/document_io.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace digisign::documents {

namespace {

bool is_space(char ch) {
    return ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t' || ch == '\f' || ch == '\0';
}

void skip_space(std::string_view& text) {
    text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text, is_space) - text.begin()));
}

void skip_space_and_comments(std::string_view& text) {
    skip_space(text);
    while (text.starts_with('%')) {
        text.remove_prefix(std::min(text.size(), text.find_first_of("\r\n")));
        skip_space(text);
    }
}

bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word))
        return false;
    text.remove_prefix(word.size());
    return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
    skip_space(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

Error damaged(const char* why) {
    return {ErrorCode::PdfDamaged, why};
}

std::uint64_t find_startxref(std::string_view tail) {
    constexpr std::string_view keyword = "startxref";
    const std::size_t at = tail.rfind(keyword);
    if (at == std::string_view::npos)
        throw damaged("the document has no end: it says nowhere where its cross-reference table is");
    tail.remove_prefix(at + keyword.size());
    const auto offset = take_number(tail);
    if (!offset)
        throw damaged("the document does not say where its cross-reference table is");
    return *offset;
}

// "%PDF-1.7"; readers that find something else go on looking for a header.
bool is_header(std::string_view text) {
    const auto is_digit = [&](std::size_t at) {
        return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    return text.starts_with("%PDF-") && is_digit(5) && text.substr(6, 1) == "." && is_digit(7);
}

// Entries of a table are 20 bytes each, so that the end of the first part can be computed; a table whose
// entries are not is none of ours to warn about.
bool is_split_table(int fd, std::uint64_t section, std::string_view head) {
    const std::size_t before = head.size();
    const auto first = take_number(head);
    const auto count = take_number(head);
    constexpr std::uint64_t plausible = 100'000'000;
    if (!first || !count || *count > plausible)
        return false;
    skip_space(head);
    const std::uint64_t end = section + (before - head.size()) + *count * 20;
    const std::string next = read_at(fd, end, 16);
    std::string_view rest = next;
    skip_space(rest);
    return !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
}

} // namespace

FileLayout layout_without_section(int fd, std::uint64_t size) {
    const std::string last = read_at(fd, size - 1, 1);
    FileLayout layout;
    layout.size = size;
    layout.ends_with_eol = last == "\n" || last == "\r";
    return layout;
}

namespace {

FileLayout layout_with_section(int fd, std::uint64_t size, std::uint64_t offset) {
    const auto misplaced = [] {
        return damaged("the document's cross-reference table is not where the document says");
    };
    if (offset == 0 || offset >= size)
        throw misplaced();
    const std::string section = read_at(fd, offset, 256);
    std::string_view head = section;
    skip_space_and_comments(head);
    FileLayout layout = layout_without_section(fd, size);
    layout.newest_section = offset + (section.size() - head.size());
    if (take_word(head, "xref")) {
        layout.kind = XrefKind::Table;
        layout.split_table = is_split_table(fd, offset + (section.size() - head.size()), head);
        return layout;
    }
    const auto number = take_number(head);
    const auto generation = take_number(head);
    skip_space(head);
    if (!number || *number > INT32_MAX || !generation || !take_word(head, "obj"))
        throw misplaced();
    layout.kind = XrefKind::Stream;
    layout.xref_stream_object = static_cast<int>(*number);
    return layout;
}

} // namespace

void check_header(int fd) {
    // Adobe's readers look for the header in the first 1024 bytes (ISO 32000-1 annex H.3, note 13).
    const std::string beginning = read_at(fd, 0, 1024);
    const std::size_t header = beginning.find("%PDF-");
    if (header == std::string::npos)
        throw Error(ErrorCode::NotPdf, "this is not a PDF document");
    if (header != 0)
        throw Error(
            ErrorCode::PdfUnsupported,
            "there is something before the document's header, so that programs disagree about its structure");
    if (!is_header(beginning))
        throw damaged("the document's header names no version of PDF");
}

FileLayout read_file_layout(int fd, std::uint64_t size) {
    constexpr std::uint64_t searched =
        1054; // 1024 (ISO 32000-1 annex H.3, note 18) and some room for what follows
    const std::uint64_t tail_size = std::min(size, searched);
    return layout_with_section(fd, size, find_startxref(read_at(fd, size - tail_size, tail_size)));
}

FileLayout find_file_layout(int fd, std::uint64_t size) {
    constexpr std::uint64_t searched = 1024 * 1024; // a table of fifty thousand objects
    const std::uint64_t tail_size = std::min(size, searched);
    const std::string tail = read_at(fd, size - tail_size, tail_size);
    constexpr std::string_view keyword = "xref";
    for (std::size_t at = tail.rfind(keyword); at != std::string::npos && at > 0;
         at = tail.rfind(keyword, at - 1))
        if (is_space(tail[at - 1])) // and not the end of "startxref"
            return layout_with_section(fd, size, size - tail_size + at);
    throw damaged("the document has no cross-reference table");
}

} // namespace digisign::documents
