// SPDX-License-Identifier: LGPL-2.1-or-later
// Lets QPDF read an open file in small pieces, and no more of it than a well-made document calls for.

#pragma once

#include "common/error.hpp"

#include <qpdf/InputSource.hh>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace digisign::documents {

/// Reads with pread(), so that the descriptor's own offset is left alone.
class FdInputSource final : public InputSource {
public:
    /// `read_limit` bounds what all reads together may deliver. QPDF reads the cross-reference sections and
    /// the objects it is asked for, which is little; a document that makes it read over and over is out to
    /// waste our time.
    /// `suffix` is read as if it followed the file.
    FdInputSource(int fd, std::uint64_t size, std::uint64_t read_limit, std::string suffix = {});

    /// Why a read failed. QPDF reports any failure as damage to the document; this is the real reason.
    const std::optional<Error>& failure() const { return failure_; }

    qpdf_offset_t findAndSkipNextEOL() override;
    const std::string& getName() const override { return name_; }
    qpdf_offset_t tell() override { return position_; }
    void seek(qpdf_offset_t offset, int whence) override;
    void rewind() override { position_ = 0; }
    size_t read(char* target, size_t length) override;
    void unreadCh(char ch) override;

private:
    std::size_t fill(char* target, std::size_t length);
    void load_window();
    void spend(std::uint64_t bytes);
    [[noreturn]] void fail(Error error);

    const int fd_;
    const qpdf_offset_t file_size_;
    const std::string suffix_;
    const qpdf_offset_t size_; ///< of both
    std::uint64_t read_left_;
    const std::string name_ = "document";
    std::optional<Error> failure_;
    qpdf_offset_t position_ = 0;

    // The part of the file at hand: objects are small and lie apart, so a window is small as well.
    std::array<char, 8192> window_{};
    qpdf_offset_t window_start_ = 0;
    std::size_t window_size_ = 0;
};

} // namespace digisign::documents
