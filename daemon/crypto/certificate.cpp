// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/certificate.hpp"

#include "common/error.hpp"
#include "common/utf8.hpp"
#include "daemon/crypto/openssl_ptr.hpp"

#include <openssl/err.h>

#include <array>
#include <ctime>

namespace digisign::crypto {

namespace {

[[noreturn]] void throw_invalid(const char* what) {
    ERR_clear_error();
    throw Error(ErrorCode::CardDataInvalid, what);
}

std::string bio_text(BIO* bio) {
    const char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return length > 0 ? printable_utf8(
                            {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(length)})
                      : std::string();
}

std::string name_text(const X509_NAME* name) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    // RFC 2253 and its successor 4514 differ in nothing here; letters beyond ASCII stay as they are.
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return {};
    return bio_text(bio.get());
}

std::string common_name(const X509_NAME* name, const std::string& whole_name) {
    const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (index < 0)
        return whole_name;
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0)
        return whole_name;
    const std::string text = printable_utf8({utf8, static_cast<std::size_t>(length)});
    OPENSSL_free(utf8);
    return text;
}

std::string serial_text(const ASN1_INTEGER* serial) {
    const ByteView bytes(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
    return bytes.empty() ? "00" : to_hex(bytes);
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
    std::tm fields{};
    if (ASN1_TIME_to_tm(time, &fields) != 1)
        throw_invalid("a certificate has no readable period of validity");
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&fields)));
}

CertificateKeyUsage key_usage_of(X509* certificate) {
    const std::uint32_t bits = X509_get_key_usage(certificate);
    if ((X509_get_extension_flags(certificate) & EXFLAG_KUSAGE) == 0)
        return {};
    return {.digital_signature = (bits & KU_DIGITAL_SIGNATURE) != 0,
            .non_repudiation = (bits & KU_NON_REPUDIATION) != 0,
            .key_encipherment = (bits & KU_KEY_ENCIPHERMENT) != 0,
            .data_encipherment = (bits & KU_DATA_ENCIPHERMENT) != 0,
            .key_agreement = (bits & KU_KEY_AGREEMENT) != 0,
            .key_cert_sign = (bits & KU_KEY_CERT_SIGN) != 0,
            .crl_sign = (bits & KU_CRL_SIGN) != 0};
}

std::vector<std::string> key_purposes_of(X509* certificate) {
    const KeyPurposesPtr purposes(
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    std::vector<std::string> oids;
    for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
        std::array<char, 128> text{};
        if (OBJ_obj2txt(text.data(), static_cast<int>(text.size()), sk_ASN1_OBJECT_value(purposes.get(), i),
                        /*no_name=*/1) > 0)
            oids.emplace_back(text.data());
    }
    return oids;
}

std::string email_of(X509* certificate) {
    const GeneralNamesPtr names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_EMAIL)
            continue;
        return printable_utf8({ASN1_STRING_get0_data(name->d.rfc822Name),
                               static_cast<std::size_t>(ASN1_STRING_length(name->d.rfc822Name))});
    }
    return {};
}

} // namespace

Certificate Certificate::from_der(ByteView der) {
    const unsigned char* end = der.data();
    const X509Ptr x509(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
    if (!x509)
        throw_invalid("a certificate cannot be read");
    X509* source = x509.get();

    Certificate result(PublicKey::from_spki(to_der<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(source))));
    result.der_ = to_bytes(der.first(static_cast<std::size_t>(end - der.data())));
    result.subject_ = name_text(X509_get_subject_name(source));
    result.issuer_ = name_text(X509_get_issuer_name(source));
    result.subject_der_ = to_der<i2d_X509_NAME>(X509_get_subject_name(source));
    result.issuer_der_ = to_der<i2d_X509_NAME>(X509_get_issuer_name(source));
    result.subject_common_name_ = common_name(X509_get_subject_name(source), result.subject_);
    result.issuer_common_name_ = common_name(X509_get_issuer_name(source), result.issuer_);
    result.serial_number_ = serial_text(X509_get0_serialNumber(source));
    result.serial_number_der_ = to_der<i2d_ASN1_INTEGER>(X509_get0_serialNumber(source));
    result.not_before_ = to_time(X509_get0_notBefore(source));
    result.not_after_ = to_time(X509_get0_notAfter(source));
    result.key_usage_ = key_usage_of(source);
    result.extended_key_usage_ = key_purposes_of(source);
    result.email_ = email_of(source);
    result.is_authority_ = (X509_get_extension_flags(source) & EXFLAG_CA) != 0;
    ERR_clear_error();
    return result;
}

} // namespace digisign::crypto
