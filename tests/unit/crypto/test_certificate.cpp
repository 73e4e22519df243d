// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/certificate.hpp"

#include "common/error.hpp"
#include "daemon/crypto/digest.hpp"
#include "tests/virtual-card/certificates.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace digisign;
using namespace digisign::crypto;
using virtual_card::CardKey;

namespace {

constexpr std::chrono::sys_seconds issued = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);

const virtual_card::Authority& root() {
    static const virtual_card::Authority authority = [] {
        CardKey key = CardKey::generate_ec("P-384");
        std::string certificate = virtual_card::issue_root(key, issued);
        return virtual_card::Authority{std::move(key), std::move(certificate)};
    }();
    return authority;
}

Bytes holder_certificate(const CardKey& key, virtual_card::Purpose purpose) {
    const virtual_card::Holder holder{"Tove", "Ångström", "99900002N", "tove.angstrom@digisign.test"};
    const virtual_card::ValidityPeriod period{issued, issued + std::chrono::days(365)};
    return virtual_card::certificate_der(virtual_card::issue_holder(key, root(), holder, purpose, period));
}

} // namespace

TEST_CASE("from_der__certificate_of_a_holder__fields_are_read") {
    const Bytes der = holder_certificate(CardKey::generate_ec("P-256"), virtual_card::Purpose::Signature);
    const Certificate certificate = Certificate::from_der(der);
    CHECK(certificate.der() == der);
    CHECK(certificate.subject_common_name().find("Ångström") != std::string::npos);
    CHECK(certificate.subject().find("CN=") != std::string::npos);
    CHECK(certificate.subject().find("Ångström") != std::string::npos);
    CHECK(certificate.issuer().find("TEST") != std::string::npos);
    CHECK(certificate.not_before() == issued);
    CHECK(certificate.not_after() == issued + std::chrono::days(365));
    CHECK(certificate.key_usage() == CertificateKeyUsage{.non_repudiation = true});
    CHECK(certificate.email() == "tove.angstrom@digisign.test");
    CHECK_FALSE(certificate.is_authority());
    CHECK(certificate.serial_number().size() >= 2);
    CHECK(certificate.public_key().algorithm() == PublicKeyAlgorithm::Ec);
    CHECK(certificate.public_key().curve() == "P-256");
    CHECK(certificate.public_key().bits() == 256);
}

TEST_CASE("from_der__any_certificate__parts_are_kept_as_they_are") {
    const Bytes der = holder_certificate(CardKey::generate_ec("P-256"), virtual_card::Purpose::Signature);
    const Certificate certificate = Certificate::from_der(der);
    // tbsCertificate of RFC 5280: [0] version, serialNumber, signature, issuer, validity, subject
    const auto position_of = [&der](const Bytes& part) {
        return std::ranges::search(der, part).begin() - der.begin();
    };
    CHECK(certificate.serial_number_der().front() == 0x02);
    CHECK(to_hex(certificate.serial_number_der()).ends_with(certificate.serial_number()));
    CHECK(position_of(certificate.serial_number_der()) < position_of(certificate.issuer_der()));
    CHECK(position_of(certificate.issuer_der()) < position_of(certificate.subject_der()));
    CHECK(position_of(certificate.subject_der()) < std::ssize(der));
}

TEST_CASE("from_der__certificate_of_an_authority__says_so") {
    const auto certificate = Certificate::from_der(virtual_card::certificate_der(root().certificate));
    CHECK(certificate.is_authority());
    CHECK(certificate.key_usage().key_cert_sign);
    CHECK(certificate.subject() == certificate.issuer());
}

TEST_CASE("from_der__filler_behind_the_certificate__is_left_out") {
    Bytes der = virtual_card::certificate_der(root().certificate);
    const Bytes original = der;
    der.resize(der.size() + 300);
    CHECK(Certificate::from_der(der).der() == original);
}

TEST_CASE("from_der__anything_cut_short_or_altered__never_crashes") {
    const Bytes der = virtual_card::certificate_der(root().certificate);
    for (std::size_t length = 0; length < der.size(); ++length)
        CHECK_THROWS_AS(Certificate::from_der(ByteView(der).first(length)), Error);
    for (std::size_t i = 0; i < der.size(); ++i) {
        Bytes altered = der;
        altered[i] ^= 0x41;
        try {
            (void)Certificate::from_der(altered);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::CardDataInvalid);
        }
    }
}

TEST_CASE("verify__signature_by_the_key__is_valid_and_by_others_not") {
    const CardKey key = CardKey::generate_rsa(2048);
    const auto certificate =
        Certificate::from_der(holder_certificate(key, virtual_card::Purpose::Authentication));
    const PublicKey& public_key = certificate.public_key();
    CHECK(public_key.algorithm() == PublicKeyAlgorithm::Rsa);
    CHECK(public_key.signature_size() == 256);
    const Bytes digest = digest_of(Digest::Sha256, as_bytes("document"));
    const SignatureMechanism pkcs1{SignatureScheme::RsaPkcs1, Digest::Sha256};
    const SignatureMechanism pss{SignatureScheme::RsaPss, Digest::Sha256};
    const Bytes signature = key.sign_pkcs1(Digest::Sha256, digest);
    CHECK(public_key.verify(pkcs1, digest, signature));
    CHECK(public_key.verify({SignatureScheme::RsaPkcs1, Digest::None},
                            encode_digest_info(Digest::Sha256, digest), signature));
    CHECK_FALSE(public_key.verify(pss, digest, signature));
    CHECK(public_key.verify(pss, digest, key.sign_pss(Digest::Sha256, digest)));
    CHECK_FALSE(public_key.verify(pkcs1, digest_of(Digest::Sha256, as_bytes("other")), signature));
    CHECK_FALSE(public_key.verify({SignatureScheme::RsaPkcs1, Digest::Sha384}, digest, signature));
    CHECK_FALSE(public_key.verify({SignatureScheme::Ecdsa, Digest::Sha256}, digest, signature));
    CHECK_FALSE(public_key.verify(pkcs1, digest, Bytes(255)));
    CHECK_FALSE(
        public_key.verify(pkcs1, digest, CardKey::generate_rsa(2048).sign_pkcs1(Digest::Sha256, digest)));
}

TEST_CASE("verify__ecdsa_as_r_and_s__is_valid") {
    const CardKey key = CardKey::generate_ec("P-384");
    const auto certificate = Certificate::from_der(holder_certificate(key, virtual_card::Purpose::Signature));
    const Bytes digest = digest_of(Digest::Sha512, as_bytes("document"));
    const SignatureMechanism ecdsa{SignatureScheme::Ecdsa, Digest::Sha512};
    const Bytes signature = key.ecdsa_plain(digest);
    CHECK(signature.size() == certificate.public_key().signature_size());
    CHECK(certificate.public_key().verify(ecdsa, digest, signature));
    CHECK_FALSE(certificate.public_key().verify(ecdsa, digest, key.ecdsa_der(digest)));
    CHECK_FALSE(certificate.public_key().verify(ecdsa, digest, Bytes(96)));
}

TEST_CASE("from_spki__not_a_key__verifies_nothing") {
    const PublicKey key = PublicKey::from_spki(Bytes{0x30, 0x00});
    CHECK(key.algorithm() == PublicKeyAlgorithm::Other);
    CHECK(key.bits() == 0);
    CHECK_FALSE(key.verify({SignatureScheme::Ecdsa, Digest::Sha256}, Bytes(32), {}));
    CHECK_FALSE(key.verify({SignatureScheme::RsaPkcs1, Digest::Sha256}, Bytes(32), {}));
}
