// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/revocation_list.hpp"

#include <openssl/x509v3.h>

namespace digisign::virtual_card {

namespace {

using std::chrono::days;
using std::chrono::sys_seconds;

using ListPtr = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using NumberPtr = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

TimePtr make_time(sys_seconds time) {
    return TimePtr(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
}

/// RFC 5280 §5.2.1 and §5.2.3: both extensions are mandatory.
void add_extensions(X509_CRL& list, X509& issuer) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &issuer, nullptr, nullptr, &list, 0);
    const ExtensionPtr key_id(X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid"));
    const NumberPtr number(ASN1_INTEGER_new());
    require(key_id && X509_CRL_add_ext(&list, key_id.get(), -1) == 1 && number &&
                ASN1_INTEGER_set(number.get(), 1) == 1 &&
                X509_CRL_add1_ext_i2d(&list, NID_crl_number, number.get(), 0, 0) == 1,
            "cannot add an extension");
}

} // namespace

Bytes issue_revocation_list(const Authority& authority, sys_seconds now) {
    const CertificatePtr issuer = read_certificate(authority.certificate);
    const ListPtr list(X509_CRL_new());
    const TimePtr this_update = make_time(now - days(1));
    const TimePtr next_update = make_time(now + days(30));
    require(list && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
                X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.get())) == 1 &&
                X509_CRL_set1_lastUpdate(list.get(), this_update.get()) == 1 &&
                X509_CRL_set1_nextUpdate(list.get(), next_update.get()) == 1,
            "cannot make a revocation list");
    add_extensions(*list, *issuer);
    require(X509_CRL_sign(list.get(), authority.key.get(), signature_digest(authority.key)) > 0,
            "cannot sign the revocation list");
    unsigned char* der = nullptr;
    const int length = i2d_X509_CRL(list.get(), &der);
    require(length > 0, "cannot encode the revocation list");
    Bytes bytes(der, der + length);
    OPENSSL_free(der);
    return bytes;
}

} // namespace digisign::virtual_card
