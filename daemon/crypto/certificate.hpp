// SPDX-License-Identifier: LGPL-2.1-or-later
// An X.509 certificate (RFC 5280) read into plain values. It can be copied and crosses threads.

#pragma once

#include "common/bytes.hpp"
#include "daemon/crypto/public_key.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace digisign::crypto {

/// RFC 5280 section 4.2.1.3.
struct CertificateKeyUsage {
    bool digital_signature = false;
    bool non_repudiation = false;
    bool key_encipherment = false;
    bool data_encipherment = false;
    bool key_agreement = false;
    bool key_cert_sign = false;
    bool crl_sign = false;

    bool operator==(const CertificateKeyUsage&) const = default;
};

class Certificate {
public:
    /// Bytes after the certificate are ignored: files on cards are often longer than what is in them. Throws
    /// Error(CardDataInvalid).
    static Certificate from_der(ByteView der);

    /// Without those bytes.
    const Bytes& der() const { return der_; }

    /// Distinguished names as RFC 4514 writes them, UTF-8.
    const std::string& subject() const { return subject_; }
    const std::string& issuer() const { return issuer_; }
    /// The same as they are in the certificate: DER of Name.
    const Bytes& subject_der() const { return subject_der_; }
    const Bytes& issuer_der() const { return issuer_der_; }
    /// The commonName, or the whole name where there is none.
    const std::string& subject_common_name() const { return subject_common_name_; }
    const std::string& issuer_common_name() const { return issuer_common_name_; }

    /// Upper-case hexadecimal, no leading zero bytes but at least one byte.
    const std::string& serial_number() const { return serial_number_; }
    /// DER of INTEGER.
    const Bytes& serial_number_der() const { return serial_number_der_; }

    std::chrono::sys_seconds not_before() const { return not_before_; }
    std::chrono::sys_seconds not_after() const { return not_after_; }

    const CertificateKeyUsage& key_usage() const { return key_usage_; }
    /// Object identifiers in dotted form.
    const std::vector<std::string>& extended_key_usage() const { return extended_key_usage_; }

    /// The first rfc822Name of the subject alternative names; empty if there is none.
    const std::string& email() const { return email_; }

    /// basicConstraints says that it may issue certificates.
    bool is_authority() const { return is_authority_; }

    const PublicKey& public_key() const { return public_key_; }

private:
    explicit Certificate(PublicKey public_key) : public_key_(std::move(public_key)) {}

    Bytes der_;
    std::string subject_;
    std::string issuer_;
    Bytes subject_der_;
    Bytes issuer_der_;
    std::string subject_common_name_;
    std::string issuer_common_name_;
    std::string serial_number_;
    Bytes serial_number_der_;
    std::chrono::sys_seconds not_before_;
    std::chrono::sys_seconds not_after_;
    CertificateKeyUsage key_usage_;
    std::vector<std::string> extended_key_usage_;
    std::string email_;
    bool is_authority_ = false;
    PublicKey public_key_;
};

} // namespace digisign::crypto
