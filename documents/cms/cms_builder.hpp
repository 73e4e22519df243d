// SPDX-License-Identifier: LGPL-2.1-or-later
// A detached CMS signature (RFC 5652) as CAdES and PAdES baseline B-B profile it, made in two passes because
// the private key is in a card: first what is to be signed, then the finished message around the card's
// answer.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace digisign::documents {

struct CmsOptions {
    /// The signing-time attribute, which CAdES B-B requires and PAdES B-B forbids (EN 319 142-1 table 1: the
    /// time claimed in a PDF is the entry /M of its signature dictionary).
    std::optional<std::chrono::sys_seconds> signing_time;
};

class CmsBuilder {
public:
    /// `chain` holds DER certificates of authorities in any order, as cards have them. Those that lead from
    /// the signer upwards go into the message in that order, without a self-signed root (whoever trusts it
    /// has it); others are left out. Throws Error: CertificateNotFound (the signer's certificate is
    /// unreadable), MechanismUnsupported (the mechanism does not fit the certificate's key).
    CmsBuilder(ByteView signer_certificate, std::span<const Bytes> chain, SignatureMechanism mechanism,
               CmsOptions options = {});
    ~CmsBuilder();
    CmsBuilder(CmsBuilder&&) noexcept;
    CmsBuilder& operator=(CmsBuilder&&) noexcept;

    /// The digest with which the content must be hashed, and which the card signs.
    Digest digest() const;

    /// Octets that finish() never exceeds, with room to spare for what differs between cards.
    std::size_t size_estimate() const;

    /// Takes the digest of the content; returns the digest over the signed attributes, which is what the card
    /// signs.
    Bytes signed_attributes_digest(ByteView content_digest);

    /// Takes the card's answer (RSA: as long as the modulus; ECDSA: r and s of equal length, concatenated)
    /// and returns the DER message. Throws Error(SignatureInvalid) if the answer does not verify with the
    /// signer's certificate.
    Bytes finish(ByteView raw_signature);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What to ask a key for: SHA-256 throughout, because a verifier in wide use (LibreOffice 7.4) calls SHA-384
/// invalid. RSA keys sign PKCS #1 v1.5, which every verifier knows. Throws Error(MechanismUnsupported) for
/// other kinds of key.
SignatureMechanism default_mechanism(ByteView certificate);

} // namespace digisign::documents
