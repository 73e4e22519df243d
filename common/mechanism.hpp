// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of digests and of signature and decryption mechanisms as they cross the wire.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace digisign {

/// FIPS 180-4 digests. None means "the data itself", for a signature over bytes the caller prepared.
enum class Digest { None, Sha1, Sha224, Sha256, Sha384, Sha512 };

/// RSASSA-PKCS1-v1_5 and RSASSA-PSS of RFC 8017 (PSS: MGF1 with the same digest, salt as long as the digest);
/// ECDSA of FIPS 186-4.
enum class SignatureScheme { RsaPkcs1, RsaPss, Ecdsa };

/// What Key.Sign takes. The data handed over is always the finished digest (or, with Digest::None, what is to be
/// padded for RsaPkcs1, which for some cards has to be a DigestInfo, and any bytes for Ecdsa).
struct SignatureMechanism {
    SignatureScheme scheme;
    Digest digest;

    bool operator==(const SignatureMechanism&) const = default;
};

/// RSAES-PKCS1-v1_5 and RSAES-OAEP of RFC 8017 (OAEP: MGF1 with the same digest, empty label).
enum class DecipherScheme { RsaPkcs1, RsaOaep };

/// What a key deciphers a cryptogram with. The digest is OAEP's; None for RsaPkcs1.
struct DecipherMechanism {
    DecipherScheme scheme;
    Digest digest;

    bool operator==(const DecipherMechanism&) const = default;
};

/// Octets of a digest value; 0 for Digest::None.
std::size_t digest_size(Digest digest);

/// "SHA256" and so on; empty string for None.
std::string_view digest_name(Digest digest);
std::optional<Digest> digest_from_name(std::string_view name);

/// "RSA-PKCS1-SHA256", "RSA-PSS-SHA384", "ECDSA-SHA256", "ECDSA", "RSA-PKCS1".
std::string mechanism_name(const SignatureMechanism& mechanism);
std::optional<SignatureMechanism> mechanism_from_name(std::string_view name);

/// "RSA-PKCS1", "RSA-OAEP-SHA256".
std::string mechanism_name(const DecipherMechanism& mechanism);
std::optional<DecipherMechanism> decipher_mechanism_from_name(std::string_view name);

} // namespace digisign
