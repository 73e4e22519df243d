// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners of OpenSSL objects, and its error queue as a sentence.

#pragma once

#include "common/error.hpp"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace digisign::documents {

template <auto free_function>
struct OpensslDeleter {
    template <typename T>
    void operator()(T* object) const {
        free_function(object);
    }
};

using CmsPtr = std::unique_ptr<CMS_ContentInfo, OpensslDeleter<CMS_ContentInfo_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;

/// Error(Internal) with the reason OpenSSL gives; empties its error queue.
Error openssl_error(std::string_view doing_what);

/// Passes `value` on when it tells success (a non-null pointer, a positive number), throws openssl_error()
/// otherwise.
template <typename T>
T openssl_check(T value, std::string_view doing_what) {
    if (!(value > T{}))
        throw openssl_error(doing_what);
    return value;
}

} // namespace digisign::documents
