// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/file.hpp"

#include "common/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace digisign {

namespace {

Error exists_error(const std::string& path) { return {ErrorCode::OutputExists, path + " exists already"}; }

Error not_writable_error(const std::string& path, int error_number) {
    if (error_number == ENOSPC || error_number == EDQUOT)
        return {ErrorCode::DiskFull, "no space is left for " + path};
    return {ErrorCode::OutputNotWritable,
            "cannot write " + path + ": " + std::generic_category().message(error_number)};
}

std::string directory_of(const std::string& path) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

std::string temporary_template(const std::string& path) {
    return directory_of(path) + "/." + std::filesystem::path(path).filename().string() + ".XXXXXX";
}

} // namespace

void write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            throw error_from_errno(errno, "cannot write");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

std::optional<Bytes> read_small_file(const std::string& path, std::size_t limit) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    return fd ? read_small_file(fd.get(), limit) : std::nullopt;
}

std::optional<Bytes> read_small_file(int fd, std::size_t limit) {
    Bytes content(limit + 1);
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(fd, content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    if (size > limit)
        return std::nullopt;
    content.resize(size);
    return content;
}

OutputFile::OutputFile(std::string path, IfExists if_exists, unsigned mode)
    : path_(std::move(path)), if_exists_(if_exists) {
    struct stat info{};
    if (::stat(path_.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode))
            throw Error(ErrorCode::OutputNotWritable, path_ + " is a directory");
        if (!S_ISREG(info.st_mode))
            throw Error(ErrorCode::OutputNotWritable, path_ + " is not an ordinary file");
        if (if_exists_ == IfExists::Refuse)
            throw exists_error(path_);
        // A symbolic link keeps pointing where it did; the file behind it is replaced.
        std::error_code ignored;
        if (const auto real = std::filesystem::canonical(path_, ignored); !ignored)
            path_ = real.string();
        mode = info.st_mode & 07777;
    }
    fd_.reset(::open(directory_of(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd_ && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        temporary_path_ = temporary_template(path_);
        fd_.reset(::mkostemp(temporary_path_.data(), O_CLOEXEC));
    }
    if (!fd_) {
        const int error_number = errno;
        temporary_path_.clear();
        throw not_writable_error(path_, error_number);
    }
    const mode_t mask = ::umask(0);
    (void)::umask(mask);
    (void)::fchmod(fd_.get(), mode & ~mask); // the file is ours; a file system without modes is fine too
}

OutputFile::~OutputFile() {
    if (!temporary_path_.empty())
        (void)::unlink(temporary_path_.c_str()); // nothing better can be done in a destructor
}

void OutputFile::commit() {
    if (::fsync(fd_.get()) != 0 && errno != EINVAL && errno != EROFS)
        throw not_writable_error(path_, errno);
    if (temporary_path_.empty())
        publish_unnamed();
    else
        publish_temporary(temporary_path_);
    temporary_path_.clear();
    fd_.reset();
}

void OutputFile::publish_unnamed() {
    // Without CAP_DAC_READ_SEARCH the /proc name is the only way to link an unnamed file, see open(2) on O_TMPFILE.
    const std::string unnamed = "/proc/self/fd/" + std::to_string(fd_.get());
    const auto link_as = [&](const std::string& name) {
        return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
    };
    if (if_exists_ == IfExists::Refuse) {
        if (!link_as(path_))
            throw errno == EEXIST ? exists_error(path_) : not_writable_error(path_, errno);
        return;
    }
    // link() cannot replace a name, so the file gets a temporary one first and is renamed over the target.
    std::string name = temporary_template(path_);
    const UniqueFd reserved(::mkostemp(name.data(), O_CLOEXEC));
    if (!reserved || ::unlink(name.c_str()) != 0 || !link_as(name))
        throw not_writable_error(path_, errno);
    temporary_path_ = name;
    publish_temporary(name);
}

void OutputFile::publish_temporary(const std::string& temporary_path) {
    const char* from = temporary_path.c_str();
    if (if_exists_ == IfExists::Replace) {
        if (::rename(from, path_.c_str()) != 0)
            throw not_writable_error(path_, errno);
        return;
    }
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0)
        return;
    if (errno == EEXIST)
        throw exists_error(path_);
    if (errno != EINVAL && errno != ENOSYS)
        throw not_writable_error(path_, errno);
    // A file system without RENAME_NOREPLACE (some network ones): link() refuses an existing name just as well.
    if (::link(from, path_.c_str()) != 0)
        throw errno == EEXIST ? exists_error(path_) : not_writable_error(path_, errno);
    (void)::unlink(from); // the file has its name; a left-over second name is harmless
}

} // namespace digisign
