// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/personalization.hpp"

#include "common/error.hpp"
#include "tests/virtual-card/openssl_ptr.hpp"
#include "tests/virtual-card/revocation_list.hpp"
#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

CertificatePtr certificate(const CardState& state, const char* name) {
    const std::string& pem = state.certificates.at(name);
    const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return CertificatePtr(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

/// X509_V_OK, or why the chain is not good.
int verify_chain(const CardState& state, const char* name) {
    // sk_X509_free is a macro in OpenSSL 3.
    using StackPtr =
        std::unique_ptr<STACK_OF(X509), FreeWith<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>>;
    using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
    using ContextPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
    const CertificatePtr root = certificate(state, "root");
    const CertificatePtr issuing = certificate(state, "issuing");
    const CertificatePtr leaf = certificate(state, name);
    const StorePtr store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), root.get());
    const StackPtr untrusted(sk_X509_new_null());
    sk_X509_push(untrusted.get(), issuing.get());
    const ContextPtr context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted.get());
    return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

} // namespace

TEST_CASE("certificates__every_profile__chain_to_the_test_root") {
    for (const char* profile : {"fineid-v4", "fineid-v3", "myeid"}) {
        const CardState& state = personalized(profile);
        for (const KeyPlan& key : card_plan(profile).keys)
            CHECK(verify_chain(state, key.name.c_str()) == X509_V_OK);
    }
}

TEST_CASE("certificates__key_usage__tells_authentication_from_signature") {
    const CardState& v4 = personalized("fineid-v4");
    const CardState& v3 = personalized("fineid-v3");
    const auto usage = [](const CardState& state, const char* name) {
        return X509_get_key_usage(certificate(state, name).get());
    };
    CHECK(usage(v4, "auth") == (KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT));
    CHECK(usage(v3, "auth") == (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT));
    CHECK(usage(v4, "sign") == KU_NON_REPUDIATION);
    CHECK(usage(v3, "sign-ec") == KU_NON_REPUDIATION);
}

TEST_CASE("certificates__extensions__have_mail_address_pointers_and_statements") {
    const CardState& state = personalized("fineid-v4");
    const CertificatePtr auth = certificate(state, "auth");
    const CertificatePtr sign = certificate(state, "sign");
    const auto has = [](const CertificatePtr& certificate, int nid) {
        return X509_get_ext_by_NID(certificate.get(), nid, -1) >= 0;
    };
    CHECK(X509_check_email(auth.get(), "virtual.specimen@digisign.test", 0, 0) == 1);
    for (const CertificatePtr* each : {&auth, &sign}) {
        CHECK(has(*each, NID_crl_distribution_points));
        CHECK(has(*each, NID_info_access));
        CHECK(has(*each, NID_subject_alt_name));
    }
    CHECK((X509_get_extended_key_usage(auth.get()) & XKU_SSL_CLIENT) != 0);
    CHECK_FALSE(has(auth, NID_qcStatements));
    CHECK(has(sign, NID_qcStatements));
    CHECK_FALSE(has(sign, NID_ext_key_usage));
    char name[256] = {};
    X509_NAME_oneline(X509_get_subject_name(sign.get()), name, sizeof name);
    CHECK(std::string(name) ==
          "/C=FI/serialNumber=99900001X/GN=Virtual/SN=SPECIMEN TEST/CN=SPECIMEN TEST Virtual 99900001X");
    X509_NAME_oneline(X509_get_issuer_name(sign.get()), name, sizeof name);
    CHECK(std::string(name).find("TEST") != std::string::npos);
}

TEST_CASE("revocation_list__is_signed_by_its_authority") {
    const CardState& state = personalized("fineid-v4");
    const Bytes der =
        issue_revocation_list({CardKey::from_pem(state.keys.at("issuing")), state.certificates.at("issuing")},
                              std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    const unsigned char* octets = der.data();
    const std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>> list(
        d2i_X509_CRL(nullptr, &octets, static_cast<long>(der.size())));
    REQUIRE(list);
    CHECK(X509_CRL_verify(list.get(), X509_get0_pubkey(certificate(state, "issuing").get())) == 1);
    CHECK(X509_CRL_verify(list.get(), X509_get0_pubkey(certificate(state, "root").get())) != 1);
    CHECK(X509_cmp_current_time(X509_CRL_get0_lastUpdate(list.get())) < 0);
    CHECK(X509_cmp_current_time(X509_CRL_get0_nextUpdate(list.get())) > 0);
}

TEST_CASE("validity__changed__certificates_are_renewed_for_the_same_keys") {
    CardState state = personalized("fineid-v4");
    const std::string root = state.certificates.at("root");
    const std::map<std::string, std::string> keys = state.keys;
    renew_certificates(state, card_plan("fineid-v4"), Validity::Expired);
    CHECK(verify_chain(state, "sign") == X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK(verify_chain(state, "auth") == X509_V_ERR_CERT_HAS_EXPIRED);
    renew_certificates(state, card_plan("fineid-v4"), Validity::NotYet);
    CHECK(verify_chain(state, "sign") == X509_V_ERR_CERT_NOT_YET_VALID);
    CHECK(state.certificates.at("root") == root);
    CHECK(state.keys == keys);
}

TEST_CASE("pin_values__lines__are_read_and_nonsense_is_refused") {
    const auto values = parse_pin_values("pin1 4711\npuk 87654321\n");
    CHECK(values.size() == 2);
    CHECK(values.at("pin1") == "4711");
    CHECK(values.at("puk") == "87654321");
    CHECK(parse_pin_values("").empty());
    for (const char* bad : {"pin1", "pin1 ", "pin1 12a4", "pin9 1234", "pin1=1234"})
        CHECK_THROWS_AS(parse_pin_values(bad), Error);
}

TEST_CASE("personalize__given_pins__are_on_the_card") {
    const CardState state =
        personalize(card_plan("fineid-v4"), {{{"pin1", "4711"}}, Activation::Active, Validity::Valid});
    CHECK(state.pins.at("pin1").value == "4711");
    CHECK(state.pins.at("pin2").value == "123456");
    CHECK_THROWS_AS(personalize(card_plan("myeid"), {{}, Activation::FactoryPins, Validity::Valid}), Error);
}
