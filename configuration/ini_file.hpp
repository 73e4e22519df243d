// SPDX-License-Identifier: LGPL-2.1-or-later
// The form of configuration files: [section], key = value, # comment.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace digisign::configuration {

/// One line that says something. The views point into the text that was read.
struct IniLine {
    enum class Kind {
        Assignment,
        Malformed, ///< neither a section, a key with its value, a comment nor empty; or a key before any
                   ///< section
    };

    Kind kind;
    std::size_t number; ///< from 1
    std::string_view section{};
    std::string_view name{};
    std::string_view value{};
};

std::vector<IniLine> read_ini(std::string_view text);

} // namespace digisign::configuration
