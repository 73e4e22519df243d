// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds and reads configuration files without trusting what lies under their names.

#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace digisign::configuration {

inline constexpr std::size_t max_file_size = 64 * 1024;
inline constexpr std::size_t max_files = 100; ///< of one directory

enum class Owner {
    Anybody,   ///< in a directory of the administrator
    UserOrRoot ///< in the user's home, which may hold files of others
};

struct ConfigFile {
    struct Absent {};
    /// Why it cannot be read, for people.
    struct Unreadable {
        std::string reason;
    };

    std::string path;
    std::variant<std::string, Absent, Unreadable> content;
};

ConfigFile read_config_file(std::string path, Owner owner);

/// The files *.conf of a directory, by name. A directory that is there but cannot be listed, or has too many
/// files, is one unreadable file; one that is not there is none.
std::vector<ConfigFile> read_config_directory(const std::string& path, Owner owner);

} // namespace digisign::configuration
