// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/ini_file.hpp"

namespace digisign::configuration {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace

std::vector<IniLine> read_ini(std::string_view text) {
    std::vector<IniLine> lines;
    std::string_view section;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#')
            continue;
        if (line.front() == '[' && line.back() == ']' && line.size() > 2) {
            section = trim(line.substr(1, line.size() - 2));
            continue;
        }
        const std::size_t equals = line.find('=');
        const std::string_view name = trim(line.substr(0, equals));
        if (equals == std::string_view::npos || name.empty() || section.empty())
            lines.push_back({IniLine::Kind::Malformed, number});
        else
            lines.push_back(
                {IniLine::Kind::Assignment, number, section, name, trim(line.substr(equals + 1))});
    }
    return lines;
}

} // namespace digisign::configuration
