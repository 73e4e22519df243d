// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/error.hpp"
#include "documents/cms/cms_builder.hpp"
#include "documents/cms/cms_verifier.hpp"
#include "documents/cms/hasher.hpp"
#include "tests/unit/documents/test_pki.hpp"

#include <catch2/catch.hpp>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>

using namespace digisign;
using namespace digisign::documents;
using digisign::test::KeyKind;
using digisign::test::TestPki;

namespace {

template <auto free_function>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        free_function(object);
    }
};
using Cms = std::unique_ptr<CMS_ContentInfo, Deleter<CMS_ContentInfo_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;

constexpr SignatureMechanism rsa_pkcs1{SignatureScheme::RsaPkcs1, Digest::Sha256};
constexpr SignatureMechanism rsa_pss{SignatureScheme::RsaPss, Digest::Sha256};
constexpr SignatureMechanism ecdsa{SignatureScheme::Ecdsa, Digest::Sha256};

const Bytes content = to_bytes(std::string_view("what is signed"));

const TestPki& pki(KeyKind kind) {
    static const TestPki rsa(KeyKind::Rsa2048);
    static const TestPki p256(KeyKind::P256);
    static const TestPki p384(KeyKind::P384);
    return kind == KeyKind::Rsa2048 ? rsa : kind == KeyKind::P256 ? p256 : p384;
}

Bytes sign(const TestPki& signer, SignatureMechanism mechanism, CmsOptions options = {}) {
    CmsBuilder builder(signer.signer_certificate(), signer.authorities(), mechanism, options);
    const Bytes to_sign = builder.signed_attributes_digest(hash(mechanism.digest, content));
    return builder.finish(signer.sign(mechanism, to_sign));
}

Cms parse(const Bytes& message) {
    const unsigned char* position = message.data();
    Cms cms(d2i_CMS_ContentInfo(nullptr, &position, static_cast<long>(message.size())));
    REQUIRE(cms);
    REQUIRE(position == message.data() + message.size());
    return cms;
}

Certificate parse_certificate_der(const Bytes& der) {
    const unsigned char* position = der.data();
    return Certificate(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
}

// OpenSSL's own verdict: signature, chain up to the root, signing-certificate attribute.
bool openssl_accepts(const Bytes& message, const TestPki& signer, const Bytes& data = content) {
    const Store store(X509_STORE_new());
    X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
    X509_STORE_add_cert(store.get(), parse_certificate_der(signer.authorities().front()).get());
    const Bio bio(BIO_new_mem_buf(data.data(), static_cast<int>(data.size())));
    const Cms cms = parse(message);
    return CMS_verify(cms.get(), nullptr, store.get(), bio.get(), nullptr, CMS_BINARY | CMS_CADES) == 1;
}

CMS_SignerInfo* signer_info(const Cms& cms) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
}

bool has_signed_attribute(const Cms& cms, int nid) {
    return CMS_signed_get_attr_by_NID(signer_info(cms), nid, -1) >= 0;
}

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("cms__every_mechanism_of_a_card__openssl_accepts_it_as_cades") {
    const auto [kind, mechanism] = GENERATE(table<KeyKind, SignatureMechanism>({
        {KeyKind::Rsa2048, rsa_pkcs1},
        {KeyKind::Rsa2048, rsa_pss},
        {KeyKind::P256, ecdsa},
        {KeyKind::P384, ecdsa},
        {KeyKind::P384, {SignatureScheme::Ecdsa, Digest::Sha384}},
        {KeyKind::Rsa2048, {SignatureScheme::RsaPss, Digest::Sha512}},
    }));
    CAPTURE(mechanism_name(mechanism));
    const Bytes message = sign(pki(kind), mechanism);
    CHECK(openssl_accepts(message, pki(kind)));
    CHECK_FALSE(openssl_accepts(message, pki(kind), to_bytes(std::string_view("something else"))));
}

TEST_CASE("cms__for_a_pdf__has_the_attributes_of_pades_and_no_others") {
    const Cms cms = parse(sign(pki(KeyKind::P256), ecdsa));
    CHECK(CMS_signed_get_attr_count(signer_info(cms)) == 3);
    CHECK(has_signed_attribute(cms, NID_pkcs9_contentType));
    CHECK(has_signed_attribute(cms, NID_pkcs9_messageDigest));
    CHECK(has_signed_attribute(cms, NID_id_smime_aa_signingCertificateV2));
    CHECK(CMS_unsigned_get_attr_count(signer_info(cms)) <= 0);
    CHECK(CMS_is_detached(cms.get()) == 1);
}

TEST_CASE("cms__signing_time_wanted__is_a_signed_attribute") {
    const std::chrono::sys_seconds time{std::chrono::seconds{1'700'000'000}};
    const Bytes message = sign(pki(KeyKind::P256), ecdsa, {.signing_time = time});
    CHECK(has_signed_attribute(parse(message), NID_pkcs9_signingTime));
    CHECK(openssl_accepts(message, pki(KeyKind::P256)));
}

TEST_CASE("cms__sha256__leaves_the_default_hash_out_of_the_signing_certificate_attribute") {
    // DER forbids to write a default value: SEQUENCE { SEQUENCE { SEQUENCE { OCTET STRING (32 bytes) … } } }.
    const Cms cms = parse(sign(pki(KeyKind::P256), ecdsa));
    const auto* value = static_cast<const ASN1_STRING*>(CMS_signed_get0_data_by_OBJ(
        signer_info(cms), OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2), -3, V_ASN1_SEQUENCE));
    REQUIRE(value != nullptr);
    const ByteView der(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)));
    const Bytes certificate_hash = hash(Digest::Sha256, pki(KeyKind::P256).signer_certificate());
    const auto header_size = [](ByteView at) { return at[1] < 0x80 ? 2U : 2U + (at[1] & 0x7FU); };
    std::size_t position = 0;
    for (int level = 0; level < 3; ++level) {
        REQUIRE(der[position] == 0x30);
        position += header_size(der.subspan(position));
    }
    REQUIRE(der[position] == 0x04);
    CHECK(to_bytes(der.subspan(position + 2, 32)) == certificate_hash);
}

TEST_CASE("cms__authorities_in_any_order__holds_the_chain_without_the_root") {
    const TestPki& signer = pki(KeyKind::P256);
    const Cms cms = parse(sign(signer, ecdsa));
    STACK_OF(X509)* certificates = CMS_get1_certs(cms.get());
    std::vector<Bytes> found;
    for (int i = 0; i < sk_X509_num(certificates); ++i) {
        Bytes der(static_cast<std::size_t>(i2d_X509(sk_X509_value(certificates, i), nullptr)));
        unsigned char* position = der.data();
        i2d_X509(sk_X509_value(certificates, i), &position);
        found.push_back(der);
    }
    sk_X509_pop_free(certificates, X509_free);
    REQUIRE(found.size() == 2);
    CHECK(std::ranges::find(found, signer.signer_certificate()) != found.end());
    CHECK(std::ranges::find(found, signer.authorities()[1]) != found.end());
}

TEST_CASE("cms__garbage_and_strangers_among_the_authorities__are_left_out") {
    const TestPki& signer = pki(KeyKind::P256);
    const TestPki& stranger = pki(KeyKind::Rsa2048); // its issuer has the same name but another key
    std::vector<Bytes> authorities{
        to_bytes(std::string_view("no certificate")), {}, stranger.authorities()[1]};
    CmsBuilder without_issuer(signer.signer_certificate(), authorities, ecdsa);
    authorities.push_back(signer.authorities()[1]);
    CmsBuilder with_issuer(signer.signer_certificate(), authorities, ecdsa);
    CHECK(with_issuer.size_estimate() == without_issuer.size_estimate() + signer.authorities()[1].size());
}

TEST_CASE("cms__finished_message__fits_the_estimate") {
    for (const auto& [kind, mechanism] :
         {std::pair{KeyKind::Rsa2048, rsa_pss}, std::pair{KeyKind::P384, ecdsa}}) {
        const TestPki& signer = pki(kind);
        CmsBuilder builder(signer.signer_certificate(), signer.authorities(), mechanism);
        CHECK(sign(signer, mechanism).size() + 1024 < builder.size_estimate());
    }
}

TEST_CASE("cms__answer_of_another_key__is_signature_invalid") {
    const TestPki& signer = pki(KeyKind::P256);
    CmsBuilder builder(signer.signer_certificate(), signer.authorities(), ecdsa);
    const Bytes to_sign = builder.signed_attributes_digest(hash(Digest::Sha256, content));
    const Bytes foreign = TestPki(KeyKind::P256).sign(ecdsa, to_sign);
    CHECK(code_of([&] { builder.finish(foreign); }) == ErrorCode::SignatureInvalid);
}

TEST_CASE("cms__answer_of_impossible_length__is_signature_invalid") {
    const auto [kind, mechanism, length] = GENERATE(table<KeyKind, SignatureMechanism, std::size_t>({
        {KeyKind::P256, ecdsa, 0},
        {KeyKind::P256, ecdsa, 63},
        {KeyKind::P256, ecdsa, 96},
        {KeyKind::Rsa2048, rsa_pkcs1, 255},
        {KeyKind::Rsa2048, rsa_pkcs1, 0},
    }));
    CmsBuilder builder(pki(kind).signer_certificate(), {}, mechanism);
    builder.signed_attributes_digest(hash(Digest::Sha256, content));
    CHECK(code_of([&, length = length] { builder.finish(Bytes(length, 1)); }) == ErrorCode::SignatureInvalid);
}

TEST_CASE("cms__mechanism_of_another_kind_of_key__is_unsupported") {
    const Bytes rsa = pki(KeyKind::Rsa2048).signer_certificate();
    const Bytes ec = pki(KeyKind::P256).signer_certificate();
    CHECK(code_of([&] { CmsBuilder(rsa, {}, ecdsa); }) == ErrorCode::MechanismUnsupported);
    CHECK(code_of([&] { CmsBuilder(ec, {}, rsa_pkcs1); }) == ErrorCode::MechanismUnsupported);
    CHECK(code_of([&] {
              CmsBuilder(ec, {}, {SignatureScheme::Ecdsa, Digest::None});
          }) == ErrorCode::MechanismUnsupported);
}

TEST_CASE("cms__unreadable_certificate__is_certificate_not_found") {
    CHECK(code_of([] { CmsBuilder(to_bytes(std::string_view("0\x03no")), {}, ecdsa); }) ==
          ErrorCode::CertificateNotFound);
}

TEST_CASE("cms__content_digest_of_wrong_length__is_refused") {
    CmsBuilder builder(pki(KeyKind::P256).signer_certificate(), {}, ecdsa);
    CHECK(code_of([&] { builder.signed_attributes_digest(Bytes(20)); }) == ErrorCode::DigestLengthInvalid);
}

TEST_CASE("default_mechanism__each_kind_of_key__is_its_scheme_with_sha256") {
    CHECK(default_mechanism(pki(KeyKind::Rsa2048).signer_certificate()) == rsa_pkcs1);
    CHECK(default_mechanism(pki(KeyKind::P384).signer_certificate()) == ecdsa);
}

TEST_CASE("verify_detached_cms__message_padded_with_zeros__is_accepted") {
    Bytes message = sign(pki(KeyKind::P256), ecdsa);
    message.resize(message.size() + 1000);
    CHECK(cms_digest_algorithm(message) == Digest::Sha256);
    CHECK_NOTHROW(
        verify_detached_cms(message, hash(Digest::Sha256, content), pki(KeyKind::P256).signer_certificate()));
    message.back() = 1;
    CHECK(code_of([&] { cms_digest_algorithm(message); }) == ErrorCode::SignatureInvalid);
}

TEST_CASE("verify_detached_cms__anything_that_differs__is_signature_invalid") {
    const Bytes message = sign(pki(KeyKind::P256), ecdsa);
    const Bytes digest = hash(Digest::Sha256, content);
    const Bytes certificate = pki(KeyKind::P256).signer_certificate();

    Bytes other_digest = digest;
    other_digest.front() ^= 1;
    CHECK(code_of([&] { verify_detached_cms(message, other_digest, certificate); }) ==
          ErrorCode::SignatureInvalid);
    CHECK(code_of([&] { verify_detached_cms(message, digest, pki(KeyKind::P384).signer_certificate()); }) ==
          ErrorCode::SignatureInvalid);
    Bytes broken = message;
    broken.back() ^= 1; // in the signature value, which comes last
    CHECK(code_of([&] { verify_detached_cms(broken, digest, certificate); }) == ErrorCode::SignatureInvalid);
    CHECK(code_of([&] { verify_detached_cms({}, digest, certificate); }) == ErrorCode::SignatureInvalid);
    CHECK(code_of([&] { verify_detached_cms(Bytes(100, 0x30), digest, certificate); }) ==
          ErrorCode::SignatureInvalid);
}
