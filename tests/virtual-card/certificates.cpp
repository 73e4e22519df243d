// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/certificates.hpp"

#include "tests/virtual-card/tlv.hpp"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>
#include <vector>

namespace digisign::virtual_card {

namespace {

using std::chrono::days;
using std::chrono::sys_seconds;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>>;

constexpr std::array<std::pair<Validity, std::string_view>, 3> validity_names{{
    {Validity::Valid, "valid"},
    {Validity::Expired, "expired"},
    {Validity::NotYet, "not-yet"},
}};

/// What is written into a certificate, in the order of RFC 5280 §4.1.2.
class CertificateBuilder {
public:
    CertificateBuilder() : certificate_(X509_new()) {
        require(certificate_ != nullptr, "cannot make a certificate");
        require(X509_set_version(certificate_.get(), X509_VERSION_3) == 1, "cannot set the version");
        set_random_serial();
    }

    void set_period(const ValidityPeriod& period) {
        const auto set = [](ASN1_TIME* field, sys_seconds time) {
            require(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time)) != nullptr,
                    "cannot set the time");
        };
        set(X509_getm_notBefore(certificate_.get()), period.not_before);
        set(X509_getm_notAfter(certificate_.get()), period.not_after);
    }

    void add_subject(const char* attribute, const std::string& value) {
        X509_NAME* const name = X509_get_subject_name(certificate_.get());
        require(X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8,
                                           reinterpret_cast<const unsigned char*>(value.data()),
                                           static_cast<int>(value.size()), -1, 0) == 1,
                "cannot set the subject");
    }

    void set_key(const CardKey& key) {
        require(X509_set_pubkey(certificate_.get(), key.get()) == 1, "cannot set the public key");
    }

    void set_issuer(X509* issuer) {
        issuer_ = issuer;
        require(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer)) == 1,
                "cannot set the issuer");
    }
    void set_own_issuer() { set_issuer(certificate_.get()); }

    /// `value` as in x509v3_config(5).
    void add_extension(int nid, const std::string& value) {
        X509V3_CTX context{};
        X509V3_set_ctx(&context, issuer_, certificate_.get(), nullptr, nullptr, 0);
        add(ExtensionPtr(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())));
    }

    void add_extension(int nid, ByteView der) {
        const OctetsPtr octets(ASN1_OCTET_STRING_new());
        require(octets && ASN1_OCTET_STRING_set(octets.get(), der.data(), static_cast<int>(der.size())) == 1,
                "cannot make an extension");
        add(ExtensionPtr(X509_EXTENSION_create_by_NID(nullptr, nid, 0, octets.get())));
    }

    std::string sign(const CardKey& issuer_key) {
        require(X509_sign(certificate_.get(), issuer_key.get(), signature_digest(issuer_key)) > 0,
                "cannot sign the certificate");
        const BioPtr memory(BIO_new(BIO_s_mem()));
        require(PEM_write_bio_X509(memory.get(), certificate_.get()) == 1, "cannot write the certificate");
        return bio_text(memory.get());
    }

private:
    void set_random_serial() {
        std::array<unsigned char, 12> octets{};
        require(RAND_bytes(octets.data(), static_cast<int>(octets.size())) == 1, "no random numbers");
        octets[0] &= 0x7F; // RFC 5280 §4.1.2.2: positive
        const std::unique_ptr<BIGNUM, FreeWith<BN_free>> number(
            BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
        require(number &&
                    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate_.get())) != nullptr,
                "cannot set the serial number");
    }

    void add(const ExtensionPtr& extension) {
        require(extension && X509_add_ext(certificate_.get(), extension.get(), -1) == 1,
                "cannot add an extension");
    }

    CertificatePtr certificate_;
    X509* issuer_ = nullptr; ///< borrowed
};

std::string url(std::string_view path) {
    return std::string("URI:http://").append(pki_host).append("/").append(path);
}

void add_authority_subject(CertificateBuilder& builder, const std::string& common_name) {
    builder.add_subject("C", "FI");
    builder.add_subject("O", "DigiSign TEST");
    builder.add_subject("OU", "TEST certificates, no value");
    builder.add_subject("CN", common_name);
}

/// "authority" is the file name under which the issuer publishes.
void add_pointers(CertificateBuilder& builder, const std::string& authority) {
    builder.add_extension(NID_crl_distribution_points, url("crl/" + authority + ".crl"));
    builder.add_extension(NID_info_access, "caIssuers;" + url("ca/" + authority + ".crt") + ",OCSP;" +
                                               url("ocsp/" + authority));
}

std::string key_usage(const CardKey& key, Purpose purpose) {
    if (purpose == Purpose::Signature)
        return "critical,nonRepudiation";
    return key.is_rsa() ? "critical,digitalSignature,keyEncipherment,dataEncipherment"
                        : "critical,digitalSignature,keyAgreement";
}

/// ETSI EN 319 412-5: qualified certificate, key on a qualified device, for electronic signatures.
Bytes qualified_statements() {
    return der_sequence({
        der_sequence({der_oid("0.4.0.1862.1.1")}),
        der_sequence({der_oid("0.4.0.1862.1.4")}),
        der_sequence({der_oid("0.4.0.1862.1.6"), der_sequence({der_oid("0.4.0.1862.1.6.1")})}),
    });
}

} // namespace

std::string_view validity_name(Validity validity) {
    for (const auto& [value, name] : validity_names)
        if (value == validity)
            return name;
    return {};
}

std::optional<Validity> validity_from_name(std::string_view wanted) {
    for (const auto& [value, name] : validity_names)
        if (name == wanted)
            return value;
    return std::nullopt;
}

ValidityPeriod holder_period(Validity validity, sys_seconds now) {
    constexpr days five_years{5 * 365}; // the longest FINEID S2 allows
    switch (validity) {
    case Validity::Valid:
        return {now - days(1), now - days(1) + five_years};
    case Validity::Expired:
        return {now - five_years, now - days(1)};
    case Validity::NotYet:
        return {now + days(30), now + days(30) + five_years};
    }
    return {};
}

std::string issue_root(const CardKey& key, sys_seconds now) {
    CertificateBuilder builder;
    builder.set_period({now - days(10 * 365), now + days(20 * 365)});
    add_authority_subject(builder, "DigiSign TEST Root CA");
    builder.set_key(key);
    builder.set_own_issuer();
    builder.add_extension(NID_basic_constraints, "critical,CA:TRUE");
    builder.add_extension(NID_key_usage, "critical,keyCertSign,cRLSign");
    builder.add_extension(NID_subject_key_identifier, "hash");
    return builder.sign(key);
}

std::string issue_authority(const CardKey& key, const Authority& root, sys_seconds now) {
    const CertificatePtr issuer = read_certificate(root.certificate);
    CertificateBuilder builder;
    builder.set_period({now - days(10 * 365), now + days(15 * 365)});
    add_authority_subject(builder, "DigiSign TEST Citizen Certificates");
    builder.set_key(key);
    builder.set_issuer(issuer.get());
    builder.add_extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    builder.add_extension(NID_key_usage, "critical,keyCertSign,cRLSign");
    builder.add_extension(NID_subject_key_identifier, "hash");
    builder.add_extension(NID_authority_key_identifier, "keyid");
    add_pointers(builder, "root");
    return builder.sign(root.key);
}

std::string issue_holder(const CardKey& key, const Authority& authority, const Holder& holder,
                         Purpose purpose, const ValidityPeriod& period) {
    const CertificatePtr issuer = read_certificate(authority.certificate);
    CertificateBuilder builder;
    builder.set_period(period);
    builder.add_subject("C", "FI");
    builder.add_subject("serialNumber", holder.serial_number);
    builder.add_subject("GN", holder.given_name);
    builder.add_subject("SN", holder.surname);
    builder.add_subject("CN", holder.surname + ' ' + holder.given_name + ' ' + holder.serial_number);
    builder.set_key(key);
    builder.set_issuer(issuer.get());
    builder.add_extension(NID_basic_constraints, "critical,CA:FALSE");
    builder.add_extension(NID_key_usage, key_usage(key, purpose));
    builder.add_extension(NID_subject_key_identifier, "hash");
    builder.add_extension(NID_authority_key_identifier, "keyid");
    std::string names = "email:" + holder.email;
    if (purpose == Purpose::Authentication) {
        builder.add_extension(NID_ext_key_usage, "clientAuth,emailProtection");
        names += ",otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" + holder.email; // user principal name
    } else {
        builder.add_extension(NID_qcStatements, qualified_statements());
    }
    builder.add_extension(NID_subject_alt_name, names);
    add_pointers(builder, "issuing");
    return builder.sign(authority.key);
}

CertificatePtr read_certificate(const std::string& pem) {
    const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    CertificatePtr certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    require(certificate != nullptr, "cannot read a certificate");
    return certificate;
}

Bytes certificate_der(const std::string& pem) {
    const CertificatePtr certificate = read_certificate(pem);
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate.get(), &der);
    require(length > 0, "cannot encode a certificate");
    Bytes bytes(der, der + length);
    OPENSSL_free(der);
    return bytes;
}

const EVP_MD* signature_digest(const CardKey& key) {
    return !key.is_rsa() && key.bits() > 256 ? EVP_sha384() : EVP_sha256();
}

} // namespace digisign::virtual_card
