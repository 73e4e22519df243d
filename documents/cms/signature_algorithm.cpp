// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/signature_algorithm.hpp"

#include "documents/cms/digest_algorithm.hpp"
#include "documents/cms/openssl_ptr.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

namespace digisign::documents {

namespace {

using BignumPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;
using EcdsaSignaturePtr = std::unique_ptr<ECDSA_SIG, OpensslDeleter<ECDSA_SIG_free>>;
using PssParametersPtr = std::unique_ptr<RSA_PSS_PARAMS, OpensslDeleter<RSA_PSS_PARAMS_free>>;
using StringPtr = std::unique_ptr<ASN1_STRING, OpensslDeleter<ASN1_STRING_free>>;

constexpr char no_encoding[] = "cannot encode the signature algorithm";

X509_ALGOR* new_digest_algorithm(const EVP_MD* digest) {
    X509_ALGOR* algorithm = openssl_check(X509_ALGOR_new(), no_encoding);
    X509_ALGOR_set_md(algorithm, digest);
    return algorithm;
}

// RSASSA-PSS-params; every default of RFC 4055 is SHA-1, so each field is written out.
StringPtr pss_parameters(Digest digest) {
    const EVP_MD* md = openssl_digest(digest);
    PssParametersPtr parameters(openssl_check(RSA_PSS_PARAMS_new(), no_encoding));
    parameters->hashAlgorithm = new_digest_algorithm(md);

    X509_ALGOR* mgf_digest = new_digest_algorithm(md);
    ASN1_STRING* packed = nullptr;
    const bool done = ASN1_item_pack(mgf_digest, ASN1_ITEM_rptr(X509_ALGOR), &packed) != nullptr;
    X509_ALGOR_free(mgf_digest);
    openssl_check(done, no_encoding);
    parameters->maskGenAlgorithm = openssl_check(X509_ALGOR_new(), no_encoding);
    X509_ALGOR_set0(parameters->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed);

    parameters->saltLength = openssl_check(ASN1_INTEGER_new(), no_encoding);
    openssl_check(ASN1_INTEGER_set(parameters->saltLength, EVP_MD_get_size(md)), no_encoding);
    return StringPtr(openssl_check(ASN1_item_pack(parameters.get(), ASN1_ITEM_rptr(RSA_PSS_PARAMS), nullptr),
                                   no_encoding));
}

int signature_nid(const EVP_MD* digest, int key_nid) {
    int nid = NID_undef;
    openssl_check(OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(digest), key_nid), no_encoding);
    return nid;
}

Bytes ecdsa_sequence(ByteView raw, std::size_t component_size) {
    if (raw.empty() || raw.size() % 2 != 0 || raw.size() / 2 > component_size)
        throw Error(ErrorCode::SignatureInvalid, "the card's ECDSA signature has an impossible length");
    const int half = static_cast<int>(raw.size() / 2);
    BignumPtr r(openssl_check(BN_bin2bn(raw.data(), half, nullptr), no_encoding));
    BignumPtr s(openssl_check(BN_bin2bn(raw.data() + half, half, nullptr), no_encoding));
    EcdsaSignaturePtr signature(openssl_check(ECDSA_SIG_new(), no_encoding));
    openssl_check(ECDSA_SIG_set0(signature.get(), r.release(), s.release()), no_encoding);
    Bytes der(static_cast<std::size_t>(openssl_check(i2d_ECDSA_SIG(signature.get(), nullptr), no_encoding)));
    unsigned char* position = der.data();
    i2d_ECDSA_SIG(signature.get(), &position);
    return der;
}

} // namespace

bool key_fits_scheme(const EVP_PKEY& key, SignatureScheme scheme) {
    const int type = EVP_PKEY_get_base_id(&key);
    switch (scheme) {
    case SignatureScheme::RsaPkcs1:
        return type == EVP_PKEY_RSA;
    case SignatureScheme::RsaPss:
        return type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS;
    case SignatureScheme::Ecdsa:
        return type == EVP_PKEY_EC;
    }
    return false;
}

void set_signature_algorithm(X509_ALGOR& algorithm, SignatureMechanism mechanism) {
    const EVP_MD* digest = openssl_digest(mechanism.digest);
    switch (mechanism.scheme) {
    case SignatureScheme::RsaPkcs1:
        openssl_check(X509_ALGOR_set0(&algorithm, OBJ_nid2obj(signature_nid(digest, NID_rsaEncryption)),
                                      V_ASN1_NULL, nullptr),
                      no_encoding);
        return;
    case SignatureScheme::RsaPss:
        openssl_check(X509_ALGOR_set0(&algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE,
                                      pss_parameters(mechanism.digest).release()),
                      no_encoding);
        return;
    case SignatureScheme::Ecdsa:
        openssl_check(X509_ALGOR_set0(&algorithm,
                                      OBJ_nid2obj(signature_nid(digest, NID_X9_62_id_ecPublicKey)),
                                      V_ASN1_UNDEF, nullptr),
                      no_encoding);
        return;
    }
}

Bytes encode_signature_value(ByteView raw_signature, const EVP_PKEY& key, SignatureScheme scheme) {
    const auto component_size = static_cast<std::size_t>((EVP_PKEY_get_bits(&key) + 7) / 8);
    if (scheme == SignatureScheme::Ecdsa)
        return ecdsa_sequence(raw_signature, component_size);
    if (raw_signature.size() != component_size)
        throw Error(ErrorCode::SignatureInvalid, "the card's RSA signature is not as long as its key");
    return to_bytes(raw_signature);
}

} // namespace digisign::documents
