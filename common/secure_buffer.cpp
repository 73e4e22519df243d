// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/secure_buffer.hpp"

#include "common/error.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace digisign {

namespace {

std::size_t whole_pages(std::size_t size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
}

} // namespace

SecureBuffer::SecureBuffer(std::size_t capacity)
    : mapped_(whole_pages(capacity == 0 ? 1 : capacity)), capacity_(capacity) {
    // Own pages: madvise works on pages, and a page shared with the heap would be copied with it.
    void* memory = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw Error(ErrorCode::Internal, "no memory could be set aside for a PIN");
    data_ = static_cast<std::uint8_t*>(memory);
    (void)::mlock(data_, mapped_);                    // see the constructor's contract
    (void)::madvise(data_, mapped_, MADV_DONTDUMP);   // refused only by kernels without the feature
    (void)::madvise(data_, mapped_, MADV_WIPEONFORK); // as above
}

SecureBuffer::~SecureBuffer() { release(); }

SecureBuffer::SecureBuffer(SecureBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), mapped_(std::exchange(other.mapped_, 0)),
      capacity_(std::exchange(other.capacity_, 0)), size_(std::exchange(other.size_, 0)) {}

SecureBuffer& SecureBuffer::operator=(SecureBuffer&& other) noexcept {
    if (this != &other) {
        release();
        data_ = std::exchange(other.data_, nullptr);
        mapped_ = std::exchange(other.mapped_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void SecureBuffer::append(std::span<const std::uint8_t> bytes) {
    if (bytes.size() > capacity_ - size_)
        throw Error(ErrorCode::Internal, "a secret is longer than the buffer meant for it");
    if (!bytes.empty())
        std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
}

void SecureBuffer::push_back(std::uint8_t byte) { append({&byte, 1}); }

void SecureBuffer::set_size(std::size_t size) {
    if (size > capacity_)
        throw Error(ErrorCode::Internal, "a secret is longer than the buffer meant for it");
    size_ = size;
}

void SecureBuffer::pop_back() {
    if (size_ > 0)
        data_[--size_] = 0;
}

void SecureBuffer::wipe() noexcept {
    if (data_ != nullptr)
        ::explicit_bzero(data_, mapped_);
    size_ = 0;
}

void SecureBuffer::release() noexcept {
    if (data_ == nullptr)
        return;
    wipe();
    (void)::munmap(data_, mapped_); // cannot fail for a mapping of ours
    data_ = nullptr;
}

} // namespace digisign
