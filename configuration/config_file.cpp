// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/config_file.hpp"

#include "common/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace digisign::configuration {

namespace {

using Content = decltype(ConfigFile::content);

Content unreadable(int error_number) {
    return ConfigFile::Unreadable{std::generic_category().message(error_number)};
}

Content read(const std::string& path, Owner owner) {
    // Not blocking: opening a FIFO would wait for somebody to write to it.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd)
        return errno == ENOENT ? Content(ConfigFile::Absent{}) : unreadable(errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0)
        return unreadable(errno);
    if (!S_ISREG(info.st_mode))
        return ConfigFile::Unreadable{"it is not an ordinary file"};
    if (owner == Owner::UserOrRoot && info.st_uid != 0 && info.st_uid != ::geteuid())
        return ConfigFile::Unreadable{"it belongs to another user"};

    std::string text(max_file_size + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unreadable(errno);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    if (size > max_file_size)
        return ConfigFile::Unreadable{"it is larger than " + std::to_string(max_file_size / 1024) + " KiB"};
    text.resize(size);
    return text;
}

} // namespace

ConfigFile read_config_file(std::string path, Owner owner) {
    Content content = read(path, owner);
    return {std::move(path), std::move(content)};
}

std::vector<ConfigFile> read_config_directory(const std::string& path, Owner owner) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(path, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(".conf") && !name.starts_with('.'))
            names.push_back(entry->path().string());
        if (names.size() > max_files)
            return {
                {path, ConfigFile::Unreadable{"it has more than " + std::to_string(max_files) + " files"}}};
    }
    if (error == std::errc::no_such_file_or_directory)
        return {};
    if (error)
        return {{path, ConfigFile::Unreadable{error.message()}}};
    std::ranges::sort(names);
    std::vector<ConfigFile> files;
    for (std::string& name : names) {
        ConfigFile& file = files.emplace_back(read_config_file(std::move(name), owner));
        if (std::holds_alternative<ConfigFile::Absent>(file.content))
            file.content = ConfigFile::Unreadable{"it is a link to nothing"};
    }
    return files;
}

} // namespace digisign::configuration
