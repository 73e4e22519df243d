// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/documents/test_pki.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace digisign::test {

namespace {

template <auto free_function>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        free_function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using File = std::unique_ptr<FILE, Deleter<std::fclose>>;

template <typename T>
T check(T value) {
    if (!(value > T{}))
        throw std::runtime_error("OpenSSL failed to make the test keys");
    return value;
}

Key new_key(KeyKind kind) {
    switch (kind) {
    case KeyKind::Rsa2048:
        return Key(check(EVP_RSA_gen(2048)));
    case KeyKind::P256:
        return Key(check(EVP_EC_gen("P-256")));
    case KeyKind::P384:
        return Key(check(EVP_EC_gen("P-384")));
    }
    throw std::logic_error("no such kind of key");
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(check(X509V3_EXT_conf_nid(nullptr, &context, nid, value)));
    check(X509_add_ext(certificate, extension.get(), -1));
}

void set_name(X509_NAME* name, const char* common_name) {
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0));
}

// A null issuer makes a self-signed root.
Certificate issue(const char* common_name, EVP_PKEY* key, long serial, X509* issuer, EVP_PKEY* issuer_key,
                  bool authority) {
    Certificate certificate(check(X509_new()));
    check(X509_set_version(certificate.get(), X509_VERSION_3));
    check(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial));
    check(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600L));
    check(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30L * 24 * 3600));
    set_name(X509_get_subject_name(certificate.get()), common_name);
    X509* signer = issuer != nullptr ? issuer : certificate.get();
    check(X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)));
    check(X509_set_pubkey(certificate.get(), key));
    add_extension(certificate.get(), signer, NID_basic_constraints,
                  authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate.get(), signer, NID_key_usage,
                  authority ? "critical,keyCertSign,cRLSign" : "critical,nonRepudiation");
    add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), signer, NID_authority_key_identifier, "keyid:always");
    check(X509_sign(certificate.get(), issuer_key, EVP_sha256()));
    return certificate;
}

Bytes to_der(X509* certificate) {
    Bytes der(static_cast<std::size_t>(check(i2d_X509(certificate, nullptr))));
    unsigned char* position = der.data();
    i2d_X509(certificate, &position);
    return der;
}

File open_file(const std::string& directory, const char* name, const char* mode) {
    File file(std::fopen((directory + '/' + name).c_str(), mode));
    if (!file)
        throw std::runtime_error("cannot open " + directory + '/' + name);
    return file;
}

Certificate read_certificate(const std::string& directory, const char* name) {
    return Certificate(
        check(PEM_read_X509(open_file(directory, name, "r").get(), nullptr, nullptr, nullptr)));
}

// SEQUENCE of RFC 3279 section 2.2.3 to the fixed-size halves that cards answer with.
Bytes split_ecdsa(const Bytes& der, std::size_t half) {
    const unsigned char* position = der.data();
    const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>> signature(
        check(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size()))));
    Bytes raw(2 * half);
    check(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), static_cast<int>(half)));
    check(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + half, static_cast<int>(half)));
    return raw;
}

} // namespace

struct TestPki::State {
    Key key;
    Certificate root;
    Certificate issuer;
    Certificate signer;
};

TestPki::TestPki(KeyKind kind) : state_(std::make_unique<State>()) {
    const Key root_key = new_key(KeyKind::P256);
    const Key issuer_key = new_key(KeyKind::P256);
    state_->key = new_key(kind);
    state_->root = issue("TEST Root", root_key.get(), 1, nullptr, root_key.get(), true);
    state_->issuer =
        issue("TEST Issuing Authority", issuer_key.get(), 2, state_->root.get(), root_key.get(), true);
    state_->signer =
        issue("TEST Signer", state_->key.get(), 3, state_->issuer.get(), issuer_key.get(), false);
}

TestPki::TestPki(std::unique_ptr<State> state) : state_(std::move(state)) {}
TestPki::~TestPki() = default;
TestPki::TestPki(TestPki&&) noexcept = default;

TestPki TestPki::load(const std::string& directory) {
    auto state = std::make_unique<State>();
    state->key.reset(
        check(PEM_read_PrivateKey(open_file(directory, "key.pem", "r").get(), nullptr, nullptr, nullptr)));
    state->root = read_certificate(directory, "root.pem");
    state->issuer = read_certificate(directory, "issuer.pem");
    state->signer = read_certificate(directory, "signer.pem");
    return TestPki(std::move(state));
}

void TestPki::save(const std::string& directory) const {
    check(PEM_write_PrivateKey(open_file(directory, "key.pem", "w").get(), state_->key.get(), nullptr,
                               nullptr, 0, nullptr, nullptr));
    check(PEM_write_X509(open_file(directory, "root.pem", "w").get(), state_->root.get()));
    check(PEM_write_X509(open_file(directory, "issuer.pem", "w").get(), state_->issuer.get()));
    check(PEM_write_X509(open_file(directory, "signer.pem", "w").get(), state_->signer.get()));
}

Bytes TestPki::signer_certificate() const {
    return to_der(state_->signer.get());
}

std::vector<Bytes> TestPki::authorities() const {
    return {to_der(state_->root.get()), to_der(state_->issuer.get())};
}

Bytes TestPki::sign(SignatureMechanism mechanism, ByteView digest) const {
    EVP_PKEY* key = state_->key.get();
    const KeyContext context(check(EVP_PKEY_CTX_new(key, nullptr)));
    const EVP_MD* md = EVP_get_digestbyname(std::string(digest_name(mechanism.digest)).c_str());
    check(EVP_PKEY_sign_init(context.get()));
    check(EVP_PKEY_CTX_set_signature_md(context.get(), md));
    if (mechanism.scheme == SignatureScheme::RsaPss) {
        check(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING));
        check(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), EVP_MD_get_size(md)));
    }
    Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t size = signature.size();
    check(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()));
    signature.resize(size);
    if (mechanism.scheme != SignatureScheme::Ecdsa)
        return signature;
    return split_ecdsa(signature, static_cast<std::size_t>((EVP_PKEY_get_bits(key) + 7) / 8));
}

} // namespace digisign::test
