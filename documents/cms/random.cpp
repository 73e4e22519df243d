// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/random.hpp"

#include "documents/cms/openssl_ptr.hpp"

#include <openssl/rand.h>

namespace digisign::documents {

Bytes random_bytes(std::size_t count) {
    Bytes bytes(count);
    openssl_check(RAND_bytes(bytes.data(), static_cast<int>(count)), "no random numbers can be had");
    return bytes;
}

} // namespace digisign::documents
