// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that are either written whole or not at all.

#pragma once

#include "common/bytes.hpp"
#include "common/unique_fd.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace digisign {

/// Writes everything, resuming after short writes and EINTR; throws Error (DiskFull, IoError).
void write_all(int fd, ByteView bytes);

/// The content of a small file; empty if it cannot be opened or is longer than `limit`.
std::optional<Bytes> read_small_file(const std::string& path, std::size_t limit);
std::optional<Bytes> read_small_file(int fd, std::size_t limit);

/// A new file that appears under its name only by commit(). Until then it has no name at all (O_TMPFILE), so that even
/// SIGKILL leaves nothing behind; where the file system cannot do that, a temporary name in the same directory that the
/// destructor removes.
class OutputFile {
public:
    enum class IfExists { Refuse, Replace };

    /// Throws Error: OutputExists (with Refuse), OutputNotWritable, DiskFull.
    OutputFile(std::string path, IfExists if_exists, unsigned mode = 0644);
    ~OutputFile();

    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }

    /// Flushes to disk and gives the file its name. With Refuse a file that appeared meanwhile is kept and
    /// Error(OutputExists) thrown.
    void commit();

private:
    void publish_unnamed();
    void publish_temporary(const std::string& temporary_path);

    std::string path_;
    std::string temporary_path_; ///< empty while the file has no name
    IfExists if_exists_;
    UniqueFd fd_;
};

} // namespace digisign
