// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners for OpenSSL's objects, and its failures as exceptions.

#pragma once

#include "common/bytes.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace digisign::virtual_card {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;

/// Throws Error(Internal) with OpenSSL's own words where `succeeded` is false.
void require(bool succeeded, std::string_view what);

/// All that was written to a memory BIO.
std::string bio_text(BIO* memory);

} // namespace digisign::virtual_card
