// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/certificate_chain.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace digisign::documents {

namespace {

X509Ptr parse(ByteView der) {
    const unsigned char* position = der.data();
    return X509Ptr(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
}

bool is_self_issued(X509& certificate) {
    return X509_NAME_cmp(X509_get_subject_name(&certificate), X509_get_issuer_name(&certificate)) == 0;
}

// Names alone do not tell: a renewed authority keeps its name but has another key.
bool issued(X509& issuer, X509& subject) {
    const bool result = X509_check_issued(&issuer, &subject) == X509_V_OK &&
                        X509_verify(&subject, X509_get0_pubkey(&issuer)) == 1;
    ERR_clear_error();
    return result;
}

} // namespace

X509Ptr parse_certificate(ByteView der) {
    X509Ptr certificate = parse(der);
    ERR_clear_error();
    if (!certificate || X509_get0_pubkey(certificate.get()) == nullptr)
        throw Error(ErrorCode::CertificateNotFound, "the signer's certificate is unreadable");
    return certificate;
}

std::vector<X509Ptr> issuers_below_root(X509& certificate, std::span<const Bytes> candidates) {
    std::vector<X509Ptr> pool;
    for (const Bytes& der : candidates)
        if (X509Ptr candidate = parse(der); candidate && !is_self_issued(*candidate))
            pool.push_back(std::move(candidate));
    ERR_clear_error();

    // Each step takes a certificate out of the pool, so that a loop of authorities comes to an end.
    std::vector<X509Ptr> chain;
    for (X509* current = &certificate; !is_self_issued(*current); current = chain.back().get()) {
        const auto issuer =
            std::ranges::find_if(pool, [&](const X509Ptr& one) { return issued(*one, *current); });
        if (issuer == pool.end())
            break;
        chain.push_back(std::move(*issuer));
        pool.erase(issuer);
    }
    return chain;
}

} // namespace digisign::documents
