// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/random.hpp"

#include "common/error.hpp"

#include <openssl/rand.h>

namespace digisign::crypto {

void fill_random(std::span<std::uint8_t> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw Error(ErrorCode::Internal, "OpenSSL has no random numbers");
}

Bytes random_bytes(std::size_t count) {
    Bytes bytes(count);
    fill_random(bytes);
    return bytes;
}

} // namespace digisign::crypto
