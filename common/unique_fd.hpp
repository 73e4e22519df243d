// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor with one owner.

#pragma once

#include <unistd.h>

#include <utility>

namespace digisign {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    ~UniqueFd() { reset(); }

    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other)
            reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

    void reset(int fd = -1) {
        if (fd_ >= 0)
            (void)::close(fd_); // nothing is left to do with a descriptor whose close() failed
        fd_ = fd;
    }

private:
    int fd_ = -1;
};

} // namespace digisign
