// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory for a secret: fixed size, locked, absent from core dumps and forked children, wiped on every way out.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace digisign {

/// Holds up to `capacity` bytes. It never grows, so no stale copy is left behind by a reallocation, and it cannot
/// be copied, compared or printed.
class SecureBuffer {
public:
    /// Throws Error(Internal) if no memory can be mapped. A refused mlock (RLIMIT_MEMLOCK) is tolerated: the
    /// page is then still excluded from dumps and wiped, but may be swapped.
    explicit SecureBuffer(std::size_t capacity);
    ~SecureBuffer();

    SecureBuffer(SecureBuffer&& other) noexcept;
    SecureBuffer& operator=(SecureBuffer&& other) noexcept;
    SecureBuffer(const SecureBuffer&) = delete;
    SecureBuffer& operator=(const SecureBuffer&) = delete;
    bool operator==(const SecureBuffer&) const = delete;

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }

    std::uint8_t* data() { return data_; }
    std::span<const std::uint8_t> view() const { return {data_, size_}; }

    /// Both throw Error(Internal) when the content would exceed the capacity.
    void append(std::span<const std::uint8_t> bytes);
    void push_back(std::uint8_t byte);

    /// Sets how many bytes of data() count after they were written in place; at most capacity().
    void set_size(std::size_t size);

    void pop_back();
    void wipe() noexcept;

private:
    void release() noexcept;

    std::uint8_t* data_ = nullptr;
    std::size_t mapped_ = 0;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

} // namespace digisign
