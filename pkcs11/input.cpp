// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/input.hpp"

#include "pkcs11/fault.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace digisign::pkcs11 {

Input::~Input() {
    if (stream_ == 0)
        return;
    try {
        service_->digest_cancel(stream_);
    } catch (const std::exception&) {
        // It ends with the connection.
    }
}

Input::Input(Input&& other) noexcept
    : service_(std::move(other.service_)),
      digest_(other.digest_),
      data_(std::move(other.data_)),
      stream_(std::exchange(other.stream_, 0)) {}

Input& Input::operator=(Input&& other) noexcept {
    std::swap(service_, other.service_);
    std::swap(digest_, other.digest_);
    std::swap(data_, other.data_);
    std::swap(stream_, other.stream_);
    return *this;
}

void Input::flush() {
    static std::atomic<std::uint64_t> last_stream{0};
    if (stream_ == 0)
        stream_ = ++last_stream;
    service_->digest_update(stream_, digest_, data_);
    data_.clear();
}

void Input::add(ByteView data) {
    if (digest_ == Digest::None && data.size() > Service::max_data - data_.size())
        throw Fault{CKR_DATA_LEN_RANGE};
    while (data.size() > Service::max_data - data_.size()) {
        const ByteView fits = data.first(Service::max_data - data_.size());
        data_.insert(data_.end(), fits.begin(), fits.end());
        data = data.subspan(fits.size());
        flush();
    }
    data_.insert(data_.end(), data.begin(), data.end());
}

Input::Taken Input::take() {
    if (stream_ == 0)
        return {std::move(data_), false};
    return {service_->digest_final(std::exchange(stream_, 0), data_), true};
}

Bytes Input::digest() {
    Taken taken = take();
    return taken.digested ? std::move(taken.data) : service_->digest(digest_, taken.data);
}

} // namespace digisign::pkcs11
