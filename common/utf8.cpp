// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/utf8.hpp"

#include <cstddef>
#include <string_view>

namespace digisign {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

bool is_continuation(std::uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

/// Length of the well-formed sequence at the front of `text`, or 0. The second byte's range excludes overlong
/// forms, surrogates and what lies beyond U+10FFFF.
std::size_t sequence_length(ByteView text) {
    const std::uint8_t first = text[0];
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
        return 0;
    const std::uint8_t second_min = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t second_max = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < second_min || text[1] > second_max)
        return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (!is_continuation(text[i]))
            return 0;
    return length;
}

/// C0, DEL and C1 (which UTF-8 writes as C2 80 to C2 9F).
bool is_control(ByteView sequence) {
    return sequence.size() == 1 ? sequence[0] < 0x20 || sequence[0] == 0x7F
                                : sequence[0] == 0xC2 && sequence[1] < 0xA0;
}

/// U+2028 to U+202E and U+2066 to U+2069: line separators and the characters that turn the direction of what
/// follows, with which a file name can pretend to have another extension (Unicode TR 36 section 3.2).
bool is_layout(ByteView sequence) {
    return sequence.size() == 3 && sequence[0] == 0xE2 &&
           ((sequence[1] == 0x80 && sequence[2] >= 0xA8 && sequence[2] <= 0xAE) ||
            (sequence[1] == 0x81 && sequence[2] >= 0xA6 && sequence[2] <= 0xA9));
}

} // namespace

std::string printable_utf8(ByteView text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            result += replacement_character;
            text = text.subspan(1);
            continue;
        }
        const ByteView sequence = text.first(length);
        if (is_control(sequence) || is_layout(sequence))
            result += ' ';
        else
            result.append(sequence.begin(), sequence.end());
        text = text.subspan(length);
    }
    return result;
}

} // namespace digisign
