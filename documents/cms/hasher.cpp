// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/hasher.hpp"

#include "documents/cms/digest_algorithm.hpp"
#include "documents/cms/openssl_ptr.hpp"

namespace digisign::documents {

struct Hasher::Context {
    DigestContextPtr handle;
};

Hasher::Hasher(Digest digest) : context_(std::make_unique<Context>()) {
    context_->handle.reset(openssl_check(EVP_MD_CTX_new(), "cannot hash"));
    openssl_check(EVP_DigestInit_ex(context_->handle.get(), openssl_digest(digest), nullptr), "cannot hash");
}

Hasher::~Hasher() = default;

void Hasher::update(ByteView bytes) {
    openssl_check(EVP_DigestUpdate(context_->handle.get(), bytes.data(), bytes.size()), "cannot hash");
}

Bytes Hasher::finish() {
    Bytes value(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    openssl_check(EVP_DigestFinal_ex(context_->handle.get(), value.data(), &size), "cannot hash");
    value.resize(size);
    return value;
}

Bytes hash(Digest digest, ByteView bytes) {
    Hasher hasher(digest);
    hasher.update(bytes);
    return hasher.finish();
}

} // namespace digisign::documents
