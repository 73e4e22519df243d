// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/document_io.hpp"

#include "common/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace digisign::documents {

namespace {

// Large enough that system calls do not count, small enough to stay in the processor's cache between read and
// hash.
constexpr std::size_t buffer_size = 256 * 1024;

Error unreadable() {
    return {ErrorCode::InputUnreadable, error_from_errno(errno, "cannot read the document").what()};
}

std::size_t read_some(int fd, std::uint64_t offset, std::uint8_t* buffer, std::size_t length) {
    for (;;) {
        const ssize_t got = ::pread(fd, buffer, length, static_cast<off_t>(offset));
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            throw unreadable();
    }
}

template <typename Use>
void for_each_part(int fd, std::uint64_t begin, std::uint64_t end, Use use) {
    std::vector<std::uint8_t> buffer(buffer_size);
    while (begin < end) {
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, buffer.size()));
        const std::size_t got = read_some(fd, begin, buffer.data(), wanted);
        if (got == 0)
            throw Error(ErrorCode::InputChanged, "the document became shorter while it was read");
        use(begin, ByteView(buffer.data(), got));
        begin += got;
    }
}

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

} // namespace

FileState::FileState(int fd) {
    if (::fstat(fd, &info_) != 0)
        throw unreadable();
    if (!S_ISREG(info_.st_mode))
        throw Error(ErrorCode::InputNotRegularFile, "the document is not an ordinary file");
}

void FileState::require_unchanged(int fd) const {
    struct stat now {};
    if (::fstat(fd, &now) != 0)
        throw unreadable();
    if (now.st_size != info_.st_size || !same_time(now.st_mtim, info_.st_mtim))
        throw Error(ErrorCode::InputChanged, "the document was changed while it was being signed");
}

std::string read_at(int fd, std::uint64_t offset, std::size_t length) {
    std::string bytes(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
        const std::size_t got = read_some(
            fd, offset + filled, reinterpret_cast<std::uint8_t*>(bytes.data()) + filled, length - filled);
        if (got == 0)
            break;
        filled += got;
    }
    bytes.resize(filled);
    return bytes;
}

void write_at(int fd, std::uint64_t offset, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR)
                continue;
            throw error_from_errno(errno, "cannot write the signed document");
        }
        offset += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void hash_range(int fd, std::uint64_t begin, std::uint64_t end, Hasher& hasher) {
    for_each_part(fd, begin, end, [&](std::uint64_t, ByteView part) { hasher.update(part); });
}

void copy_and_hash(int from, int to, std::uint64_t size, Hasher& hasher) {
    for_each_part(from, 0, size, [&](std::uint64_t offset, ByteView part) {
        hasher.update(part);
        write_at(to, offset, part);
    });
}

} // namespace digisign::documents
