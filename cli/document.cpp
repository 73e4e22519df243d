// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/document.hpp"

#include "cli/console.hpp"
#include "common/error.hpp"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace digisign::cli {

namespace {

/// Well below what the services take, and more than a person reads.
constexpr std::size_t max_name_length = 255;

Error open_error(const std::string& path, int error_number) {
    if (error_number == ENOENT || error_number == ENOTDIR)
        return {ErrorCode::InputNotFound, path + " does not exist"};
    if (error_number == ENXIO || error_number == EISDIR)
        return {ErrorCode::InputNotRegularFile, path + " is not an ordinary file"};
    return {ErrorCode::InputUnreadable,
            "cannot read " + path + ": " + std::generic_category().message(error_number)};
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

InputDocument open_document(const std::string& path) {
    // O_NONBLOCK: opening a pipe would otherwise wait for a writer, see fifo(7).
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd)
        throw open_error(path, errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0)
        throw open_error(path, errno);
    if (S_ISDIR(info.st_mode))
        throw Error(ErrorCode::InputNotRegularFile, path + " is a directory");
    if (!S_ISREG(info.st_mode))
        throw Error(ErrorCode::InputNotRegularFile, path + " is not an ordinary file");
    if (info.st_size == 0)
        throw Error(ErrorCode::InputEmpty, path + " is empty");
    return {.fd = std::move(fd), .mode = (info.st_mode & 0666) | S_IRUSR | S_IWUSR};
}

std::string default_output_path(const std::string& input_path) {
    std::filesystem::path path(input_path);
    if (::strcasecmp(path.extension().c_str(), ".pdf") == 0)
        path.replace_extension();
    return path.string() + "-signed.pdf";
}

std::string document_name(const std::string& path) {
    std::string name = printable(std::filesystem::path(path).filename().string());
    if (name.size() <= max_name_length)
        return name;
    std::size_t length = max_name_length;
    while (length > 0 && is_continuation(name[length]))
        --length;
    return name.substr(0, length) + "…";
}

} // namespace digisign::cli
