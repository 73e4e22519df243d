// SPDX-License-Identifier: LGPL-2.1-or-later
// A private key in the card and what the chip computes with it.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "tests/virtual-card/openssl_ptr.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace digisign::virtual_card {

class CardKey {
public:
    static CardKey generate_rsa(unsigned bits);
    /// "P-256" or "P-384".
    static CardKey generate_ec(const char* curve);
    /// Throws Error for anything but a private key in PEM.
    static CardKey from_pem(const std::string& pem);

    std::string to_pem() const;

    bool is_rsa() const;
    unsigned bits() const;
    /// Octets of the RSA modulus or of one EC coordinate.
    std::size_t size() const;
    EVP_PKEY* get() const { return key_.get(); }

    /// RSASSA-PKCS1-v1_5 over a finished digest.
    Bytes sign_pkcs1(Digest digest, ByteView value) const;
    /// RSASSA-PSS over a finished digest; MGF1 with the same digest, salt as long as the digest.
    Bytes sign_pss(Digest digest, ByteView value) const;
    /// Block type 1 padding around the data as it is; nothing if it is too long.
    std::optional<Bytes> sign_padded(ByteView data) const;
    /// The RSA private operation on a block as long as the modulus; nothing if the number is not below the
    /// modulus.
    std::optional<Bytes> raw(ByteView block) const;
    /// r and s, each as long as a coordinate.
    Bytes ecdsa_plain(ByteView digest) const;
    /// Ecdsa-Sig-Value of RFC 3279.
    Bytes ecdsa_der(ByteView digest) const;

    /// RSAES-PKCS1-v1_5, or RSAES-OAEP where a digest is given; nothing where the cryptogram does not fit.
    std::optional<Bytes> decrypt(ByteView cryptogram, Digest oaep_digest) const;
    /// X coordinate of the common point; nothing where `point` is not an uncompressed point on the curve.
    std::optional<Bytes> derive(ByteView point) const;

private:
    explicit CardKey(EVP_PKEY* key) : key_(key) {}

    KeyPtr key_;
};

} // namespace digisign::virtual_card
