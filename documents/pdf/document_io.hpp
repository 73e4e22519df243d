// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads and writes documents at given places, without touching a descriptor's own offset.

#pragma once

#include "common/bytes.hpp"
#include "documents/cms/hasher.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace digisign::documents {

/// What tells that a file was written to meanwhile.
class FileState {
public:
    /// Throws Error: InputNotRegularFile, InputUnreadable.
    explicit FileState(int fd);

    std::uint64_t size() const { return static_cast<std::uint64_t>(info_.st_size); }

    /// Throws Error(InputChanged).
    void require_unchanged(int fd) const;

private:
    struct stat info_ {};
};

/// Up to `length` bytes; fewer only at the end of the file. Throws Error(InputUnreadable).
std::string read_at(int fd, std::uint64_t offset, std::size_t length);

/// Throws Error: DiskFull, IoError.
void write_at(int fd, std::uint64_t offset, ByteView bytes);

/// Hands the bytes from `begin` to `end` to the hasher. Throws Error: InputChanged (the file is shorter),
/// InputUnreadable.
void hash_range(int fd, std::uint64_t begin, std::uint64_t end, Hasher& hasher);

/// Copies the first `size` bytes of one file to the beginning of another and hashes them on the way.
void copy_and_hash(int from, int to, std::uint64_t size, Hasher& hasher);

} // namespace digisign::documents
