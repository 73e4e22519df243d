// SPDX-License-Identifier: LGPL-2.1-or-later
// The TEST authority: root, issuing authority and the holder's certificates, shaped like those of the Finnish
// issuer's specification FINEID S2.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/openssl_ptr.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace digisign::virtual_card {

/// Period of the holder's certificates, seen from the moment they are issued.
enum class Validity { Valid, Expired, NotYet };

std::string_view validity_name(Validity validity);
std::optional<Validity> validity_from_name(std::string_view name);

struct ValidityPeriod {
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;
};

ValidityPeriod holder_period(Validity validity, std::chrono::sys_seconds now);

enum class Purpose { Authentication, Signature };

struct Holder {
    std::string given_name;
    std::string surname;
    std::string serial_number; ///< FINUID: eight digits and a check letter
    std::string email;
};

/// A certificate authority: its certificate in PEM and the key it signs with.
struct Authority {
    CardKey key;
    std::string certificate;
};

/// Where the certificates say that revocation lists, responder and authority certificates are.
inline constexpr std::string_view pki_host = "pki.digisign.test";

/// All results are PEM.
std::string issue_root(const CardKey& key, std::chrono::sys_seconds now);
std::string issue_authority(const CardKey& key, const Authority& root, std::chrono::sys_seconds now);
std::string issue_holder(const CardKey& key, const Authority& issuer, const Holder& holder, Purpose purpose,
                         const ValidityPeriod& period);

CertificatePtr read_certificate(const std::string& pem);
Bytes certificate_der(const std::string& pem);

/// With what an authority signs: SHA-256, or SHA-384 where its key is as long as that asks for.
const EVP_MD* signature_digest(const CardKey& key);

} // namespace digisign::virtual_card
