// SPDX-License-Identifier: LGPL-2.1-or-later
// A public key as a certificate holds it: what it is, whether a signature was made with its private key, and
// encryption for whoever has that.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <optional>
#include <string>

namespace digisign::crypto {

enum class PublicKeyAlgorithm { Rsa, Ec, Other };

class PublicKey {
public:
    /// From a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER. What cannot be read, or is of a kind not
    /// used here, is Other: it verifies nothing.
    static PublicKey from_spki(ByteView der);

    /// As it was given.
    const Bytes& spki() const { return spki_; }

    PublicKeyAlgorithm algorithm() const { return algorithm_; }
    /// Length of the modulus, or size of the curve's field.
    unsigned bits() const { return bits_; }
    /// "P-256", "P-384", "P-521" (NIST's names), else OpenSSL's name; empty for RSA.
    const std::string& curve() const { return curve_; }

    /// Of an RSA key, big-endian without leading zeros.
    const Bytes& modulus() const { return modulus_; }
    const Bytes& public_exponent() const { return public_exponent_; }
    /// Of an EC key, uncompressed (SEC 1 section 2.3.3).
    const Bytes& point() const { return point_; }

    /// Length of a signature: of the modulus, or of r‖s. In bytes.
    std::size_t signature_size() const;

    /// `data` is what was signed, see SignatureMechanism; an ECDSA signature is r‖s.
    bool verify(const SignatureMechanism& mechanism, ByteView data, ByteView signature) const;

    /// The cryptogram of a plain text, by an RSA key; empty if the text is too long or the key another one.
    std::optional<Bytes> encrypt(const DecipherMechanism& mechanism, ByteView plain_text) const;

private:
    PublicKey() = default;

    Bytes spki_;
    PublicKeyAlgorithm algorithm_ = PublicKeyAlgorithm::Other;
    unsigned bits_ = 0;
    std::string curve_;
    Bytes modulus_;
    Bytes public_exponent_;
    Bytes point_;
};

} // namespace digisign::crypto
