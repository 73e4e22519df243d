// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/text_string.hpp"

#include "common/error.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace digisign::documents {

namespace {

// Takes one character off the front; empty for what RFC 3629 calls invalid, overlong forms and surrogates
// included.
std::optional<char32_t> take_character(std::string_view& utf8) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(utf8[i]); };
    const std::size_t length = byte(0) < 0x80         ? 1
                               : byte(0) >> 5 == 0x06 ? 2
                               : byte(0) >> 4 == 0x0E ? 3
                               : byte(0) >> 3 == 0x1E ? 4
                                                      : 0;
    if (length == 0 || utf8.size() < length)
        return std::nullopt;
    constexpr std::uint8_t first_byte_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    char32_t character = byte(0) & first_byte_mask[length];
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) >> 6 != 0x02)
            return std::nullopt;
        character = character << 6 | (byte(i) & 0x3F);
    }
    if (character < smallest[length] || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return std::nullopt;
    utf8.remove_prefix(length);
    return character;
}

void append_unit(std::string& utf16, char32_t unit) {
    utf16.push_back(static_cast<char>(unit >> 8));
    utf16.push_back(static_cast<char>(unit & 0xFF));
}

void append_utf16(std::string& utf16, char32_t character) {
    if (character < 0x10000) {
        append_unit(utf16, character);
        return;
    }
    append_unit(utf16, 0xD800 + ((character - 0x10000) >> 10));
    append_unit(utf16, 0xDC00 + ((character - 0x10000) & 0x3FF));
}

} // namespace

std::string pdf_text_string(std::string_view utf8, std::string_view what) {
    std::string utf16 = "\xFE\xFF";
    bool ascii = true;
    for (std::string_view rest = utf8; !rest.empty();) {
        const auto character = take_character(rest);
        if (!character || *character < 0x20 || *character == 0x7F)
            throw Error(ErrorCode::InvalidArgument,
                        "the " + std::string(what) + " has characters that are no text");
        ascii = ascii && *character < 0x80;
        append_utf16(utf16, *character);
    }
    return ascii ? std::string(utf8) : utf16;
}

std::string pdf_date(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[32];
    std::snprintf(text, sizeof text, "D:%04d%02u%02u%02d%02d%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

} // namespace digisign::documents
