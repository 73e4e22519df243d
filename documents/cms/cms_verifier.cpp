// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/cms_verifier.hpp"

#include "documents/cms/certificate_chain.hpp"
#include "documents/cms/digest_algorithm.hpp"
#include "documents/cms/openssl_ptr.hpp"

#include <openssl/err.h>

#include <algorithm>

namespace digisign::documents {

namespace {

Error invalid(const char* why) {
    ERR_clear_error();
    return {ErrorCode::SignatureInvalid, why};
}

CmsPtr parse_message(ByteView message) {
    const unsigned char* position = message.data();
    CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &position, static_cast<long>(message.size())));
    if (!cms)
        throw invalid("the signature is no CMS message");
    if (std::any_of(position, message.data() + message.size(), [](std::uint8_t byte) { return byte != 0; }))
        throw invalid("something follows the CMS message");
    return cms;
}

CMS_SignerInfo* only_signer(CMS_ContentInfo& cms) {
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(&cms);
    if (signers == nullptr || sk_CMS_SignerInfo_num(signers) != 1)
        throw invalid("the CMS message does not have exactly one signer");
    return sk_CMS_SignerInfo_value(signers, 0);
}

Digest digest_algorithm(CMS_SignerInfo* signer) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &algorithm, nullptr);
    const auto digest = digest_from_nid(OBJ_obj2nid(algorithm->algorithm));
    if (!digest)
        throw invalid("the CMS message uses an unknown digest");
    return *digest;
}

bool message_digest_is(CMS_SignerInfo* signer, ByteView expected) {
    const auto* value = static_cast<const ASN1_OCTET_STRING*>(CMS_signed_get0_data_by_OBJ(
        signer, OBJ_nid2obj(NID_pkcs9_messageDigest), /* lastpos: the only one */ -3, V_ASN1_OCTET_STRING));
    return value != nullptr &&
           std::ranges::equal(
               std::span(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))),
               expected);
}

} // namespace

Digest cms_digest_algorithm(ByteView message) {
    const CmsPtr cms = parse_message(message);
    return digest_algorithm(only_signer(*cms));
}

void verify_detached_cms(ByteView message, ByteView content_digest, ByteView signer_certificate) {
    const CmsPtr cms = parse_message(message);
    CMS_SignerInfo* signer = only_signer(*cms);
    const X509Ptr certificate = parse_certificate(signer_certificate);
    if (CMS_SignerInfo_cert_cmp(signer, certificate.get()) != 0)
        throw invalid("the signature names another certificate");
    if (!message_digest_is(signer, content_digest))
        throw invalid("the signature belongs to other content");
    CMS_SignerInfo_set1_signer_cert(signer, certificate.get());
    if (CMS_SignerInfo_verify(signer) != 1)
        throw invalid("the signature was not made with the certificate's key");
}

} // namespace digisign::documents
