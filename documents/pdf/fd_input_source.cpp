// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/fd_input_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace digisign::documents {

namespace {

bool is_eol(char ch) {
    return ch == '\r' || ch == '\n';
}

} // namespace

FdInputSource::FdInputSource(int fd, std::uint64_t size, std::uint64_t read_limit, std::string suffix)
    : fd_(fd),
      file_size_(static_cast<qpdf_offset_t>(size)),
      suffix_(std::move(suffix)),
      size_(file_size_ + static_cast<qpdf_offset_t>(suffix_.size())),
      read_left_(read_limit) {}

void FdInputSource::fail(Error error) {
    failure_ = std::move(error);
    throw *failure_;
}

void FdInputSource::spend(std::uint64_t bytes) {
    if (bytes > read_left_)
        fail({ErrorCode::PdfUnsupported, "the document is too complex to be looked through"});
    read_left_ -= bytes;
}

void FdInputSource::load_window() {
    if (position_ >= file_size_) {
        window_start_ = file_size_;
        window_size_ = suffix_.copy(window_.data(), window_.size());
        return;
    }
    window_start_ = position_;
    window_size_ = 0;
    const auto wanted = static_cast<std::size_t>(
        std::min(file_size_ - position_, static_cast<qpdf_offset_t>(window_.size())));
    while (window_size_ < wanted) {
        const ssize_t got = ::pread(fd_, window_.data() + window_size_, wanted - window_size_,
                                    window_start_ + static_cast<off_t>(window_size_));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail({ErrorCode::InputUnreadable, error_from_errno(errno, "cannot read the document").what()});
        if (got == 0)
            break;
        window_size_ += static_cast<std::size_t>(got);
    }
}

std::size_t FdInputSource::fill(char* target, std::size_t length) {
    std::size_t filled = 0;
    while (filled < length && position_ < size_) {
        const auto window_end = window_start_ + static_cast<qpdf_offset_t>(window_size_);
        if (position_ < window_start_ || position_ >= window_end) {
            load_window();
            if (window_size_ == 0)
                break;
        }
        const auto at = static_cast<std::size_t>(position_ - window_start_);
        const std::size_t part = std::min(length - filled, window_size_ - at);
        std::memcpy(target + filled, window_.data() + at, part);
        filled += part;
        position_ += static_cast<qpdf_offset_t>(part);
    }
    return filled;
}

size_t FdInputSource::read(char* target, size_t length) {
    setLastOffset(position_);
    const std::size_t filled = fill(target, length);
    spend(filled);
    if (filled == 0 && length > 0) {
        position_ = size_;
        setLastOffset(size_);
    }
    return filled;
}

void FdInputSource::seek(qpdf_offset_t offset, int whence) {
    const qpdf_offset_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position_ : size_;
    qpdf_offset_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0)
        throw std::range_error("seek outside of the document");
    position_ = target;
}

void FdInputSource::unreadCh(char) {
    seek(-1, SEEK_CUR);
}

// The offset of the line's end; the position is left behind all the CR and LF that follow.
qpdf_offset_t FdInputSource::findAndSkipNextEOL() {
    char ch = 0;
    std::uint64_t passed = 0;
    const auto next = [&] {
        ++passed;
        return fill(&ch, 1) == 1;
    };
    bool found = false;
    while (!found && next())
        found = is_eol(ch);
    const qpdf_offset_t end_of_line = found ? position_ - 1 : position_;
    while (found && next()) {
        if (!is_eol(ch)) {
            seek(-1, SEEK_CUR);
            break;
        }
    }
    spend(passed);
    return end_of_line;
}

} // namespace digisign::documents
