// SPDX-License-Identifier: LGPL-2.1-or-later
// Digests of FIPS 180-4 and the DigestInfo that names them inside an RSA signature.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <memory>
#include <optional>

struct evp_md_ctx_st; // OpenSSL's EVP_MD_CTX

namespace digisign::crypto {

/// Throws Error(Internal) for Digest::None.
Bytes digest_of(Digest digest, ByteView data);

/// Of data that comes in pieces.
class DigestStream {
public:
    /// Throws Error(Internal) for Digest::None.
    explicit DigestStream(Digest digest);

    Digest digest() const { return digest_; }
    void update(ByteView data);
    /// Once, at the end.
    Bytes finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };

    Digest digest_;
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

struct DigestInfo {
    Digest digest;
    Bytes value;
};

/// DigestInfo of RFC 8017 section 9.2, DER.
Bytes encode_digest_info(Digest digest, ByteView value);

/// Empty for anything but the DigestInfo of a digest known here, in DER.
std::optional<DigestInfo> parse_digest_info(ByteView der);

} // namespace digisign::crypto
