// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/cms_builder.hpp"

#include "documents/cms/certificate_chain.hpp"
#include "documents/cms/cms_verifier.hpp"
#include "documents/cms/digest_algorithm.hpp"
#include "documents/cms/hasher.hpp"
#include "documents/cms/openssl_ptr.hpp"
#include "documents/cms/signature_algorithm.hpp"

#include <openssl/pkcs7.h>

#include <vector>

namespace digisign::documents {

namespace {

using TimePtr = std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>>;

constexpr char no_cms[] = "cannot build the CMS signature";

void free_attributes(STACK_OF(X509_ATTRIBUTE) * attributes) {
    sk_X509_ATTRIBUTE_pop_free(attributes, X509_ATTRIBUTE_free);
}
using AttributesPtr = std::unique_ptr<STACK_OF(X509_ATTRIBUTE), OpensslDeleter<free_attributes>>;

template <auto encode, typename T>
Bytes to_der(T* object) {
    Bytes der(static_cast<std::size_t>(openssl_check(encode(object, nullptr), no_cms)));
    unsigned char* position = der.data();
    encode(object, &position);
    return der;
}

int encode_signed_attributes(STACK_OF(X509_ATTRIBUTE) * attributes, unsigned char** out) {
    return ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(attributes), out,
                         ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
}

// RFC 5652 section 5.4: what is signed is the DER of the attributes as a SET OF, not with the tag [0] of the
// message.
Bytes signed_attributes(CMS_SignerInfo* signer_info) {
    AttributesPtr attributes(openssl_check(sk_X509_ATTRIBUTE_new_null(), no_cms));
    for (int i = 0; i < CMS_signed_get_attr_count(signer_info); ++i) {
        X509_ATTRIBUTE* copy = openssl_check(X509_ATTRIBUTE_dup(CMS_signed_get_attr(signer_info, i)), no_cms);
        if (sk_X509_ATTRIBUTE_push(attributes.get(), copy) == 0) {
            X509_ATTRIBUTE_free(copy);
            throw openssl_error(no_cms);
        }
    }
    return to_der<encode_signed_attributes>(attributes.get());
}

} // namespace

struct CmsBuilder::State {
    SignatureMechanism mechanism;
    Bytes signer_der;
    X509Ptr signer;
    std::vector<X509Ptr> issuers;
    CmsPtr cms;
    CMS_SignerInfo* signer_info = nullptr; ///< owned by cms
    Bytes content_digest;

    const EVP_PKEY& key() const { return *X509_get0_pubkey(signer.get()); }
};

CmsBuilder::CmsBuilder(ByteView signer_certificate, std::span<const Bytes> chain,
                       SignatureMechanism mechanism, CmsOptions options)
    : state_(std::make_unique<State>()) {
    state_->mechanism = mechanism;
    state_->signer_der = to_bytes(signer_certificate);
    state_->signer = parse_certificate(signer_certificate);
    if (mechanism.digest == Digest::None || !key_fits_scheme(state_->key(), mechanism.scheme))
        throw Error(ErrorCode::MechanismUnsupported,
                    "the certificate's key cannot sign documents by " + mechanism_name(mechanism));
    state_->issuers = issuers_below_root(*state_->signer, chain);

    // Without a private key at hand CMS_final() and CMS_SignerInfo_sign() are out of the question; they would
    // add a signing-time of their own besides.
    constexpr unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY;
    state_->cms.reset(openssl_check(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags), no_cms));
    state_->signer_info = openssl_check(
        CMS_add1_signer(state_->cms.get(), state_->signer.get(), X509_get0_pubkey(state_->signer.get()),
                        openssl_digest(mechanism.digest), flags | CMS_CADES | CMS_NOSMIMECAP),
        no_cms);
    for (const X509Ptr& issuer : state_->issuers)
        openssl_check(CMS_add1_cert(state_->cms.get(), issuer.get()), no_cms);

    openssl_check(CMS_signed_add1_attr_by_NID(state_->signer_info, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                              OBJ_nid2obj(NID_pkcs7_data), -1),
                  no_cms);
    if (options.signing_time) {
        const auto seconds = static_cast<time_t>(options.signing_time->time_since_epoch().count());
        const TimePtr time(openssl_check(ASN1_TIME_set(nullptr, seconds), no_cms));
        openssl_check(CMS_signed_add1_attr_by_NID(state_->signer_info, NID_pkcs9_signingTime,
                                                  ASN1_STRING_type(time.get()), time.get(), -1),
                      no_cms);
    }
    X509_ALGOR* signature_algorithm = nullptr;
    CMS_SignerInfo_get0_algs(state_->signer_info, nullptr, nullptr, nullptr, &signature_algorithm);
    set_signature_algorithm(*signature_algorithm, mechanism);
}

CmsBuilder::~CmsBuilder() = default;
CmsBuilder::CmsBuilder(CmsBuilder&&) noexcept = default;
CmsBuilder& CmsBuilder::operator=(CmsBuilder&&) noexcept = default;

Digest CmsBuilder::digest() const {
    return state_->mechanism.digest;
}

std::size_t CmsBuilder::size_estimate() const {
    constexpr std::size_t everything_but_certificates_and_signature = 3072;
    std::size_t size = everything_but_certificates_and_signature + state_->signer_der.size();
    for (const X509Ptr& issuer : state_->issuers)
        size += static_cast<std::size_t>(openssl_check(i2d_X509(issuer.get(), nullptr), no_cms));
    return size + static_cast<std::size_t>(EVP_PKEY_get_size(&state_->key()));
}

Bytes CmsBuilder::signed_attributes_digest(ByteView content_digest) {
    if (content_digest.size() != digest_size(digest()))
        throw Error(ErrorCode::DigestLengthInvalid, "the digest of the content has the wrong length");
    if (!state_->content_digest.empty())
        throw Error(ErrorCode::Internal, "the content of a CMS signature was set twice");
    state_->content_digest = to_bytes(content_digest);
    openssl_check(CMS_signed_add1_attr_by_NID(state_->signer_info, NID_pkcs9_messageDigest,
                                              V_ASN1_OCTET_STRING, content_digest.data(),
                                              static_cast<int>(content_digest.size())),
                  no_cms);
    return hash(digest(), signed_attributes(state_->signer_info));
}

Bytes CmsBuilder::finish(ByteView raw_signature) {
    const Bytes value = encode_signature_value(raw_signature, state_->key(), state_->mechanism.scheme);
    openssl_check(ASN1_STRING_set(CMS_SignerInfo_get0_signature(state_->signer_info), value.data(),
                                  static_cast<int>(value.size())),
                  no_cms);
    Bytes message = to_der<i2d_CMS_ContentInfo>(state_->cms.get());
    verify_detached_cms(message, state_->content_digest, state_->signer_der);
    return message;
}

SignatureMechanism default_mechanism(ByteView certificate) {
    const X509Ptr parsed = parse_certificate(certificate);
    const EVP_PKEY& key = *X509_get0_pubkey(parsed.get());
    for (const auto scheme : {SignatureScheme::RsaPkcs1, SignatureScheme::RsaPss, SignatureScheme::Ecdsa})
        if (key_fits_scheme(key, scheme))
            return {scheme, Digest::Sha256};
    throw Error(ErrorCode::MechanismUnsupported, "the certificate's key is neither RSA nor ECDSA");
}

} // namespace digisign::documents
