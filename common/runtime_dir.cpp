// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/runtime_dir.hpp"

#include "common/names.hpp"

#include <unistd.h>

#include <cstdlib>

namespace digisign {

namespace {

std::string absolute_path_variable(const char* name) {
    const char* value = ::secure_getenv(name);
    return value != nullptr && value[0] == '/' ? value : std::string();
}

/// Of the XDG Base Directory Specification, which has relative paths ignored.
std::string base_directory(const char* variable, const char* below_home) {
    if (const std::string dir = absolute_path_variable(variable); !dir.empty())
        return dir + "/digisign";
    if (const std::string home = absolute_path_variable("HOME"); !home.empty())
        return home + below_home + "/digisign";
    return {};
}

} // namespace

std::string user_runtime_dir() {
    std::string dir = absolute_path_variable("XDG_RUNTIME_DIR");
    if (dir.empty())
        dir = "/run/user/" + std::to_string(::getuid());
    while (dir.size() > 1 && dir.back() == '/')
        dir.pop_back();
    return dir;
}

std::string private_socket_path() {
    return user_runtime_dir() + "/" + names::private_socket;
}

std::string user_cache_dir() {
    return base_directory("XDG_CACHE_HOME", "/.cache");
}

std::string user_config_dir() {
    return base_directory("XDG_CONFIG_HOME", "/.config");
}

} // namespace digisign
