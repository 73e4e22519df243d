// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/mechanisms.hpp"

#include "pkcs11/fault.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstring>

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

using Types = std::vector<CK_MECHANISM_TYPE>;

const Types digests{CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512};

Object rsa_key() {
    Object key;
    key.kind = ObjectKind::PrivateKey;
    key.algorithm = KeyAlgorithm::Rsa;
    key.bits = 2048;
    key.usage.sign = true;
    key.mechanisms = {"RSA-PKCS1", "RSA-PKCS1-SHA1", "RSA-PKCS1-SHA256", "RSA-PSS-SHA256", "RSA-PSS-SHA384"};
    key.decipher_mechanisms = {"RSA-PKCS1", "RSA-OAEP-SHA1", "RSA-OAEP-SHA256"};
    return key;
}

Object ec_key() {
    Object key;
    key.kind = ObjectKind::PrivateKey;
    key.algorithm = KeyAlgorithm::Ec;
    key.bits = 256;
    key.usage.non_repudiation = true;
    key.mechanisms = {"ECDSA", "ECDSA-SHA256"};
    key.can_derive = true;
    return key;
}

Types with_digests(Types types) {
    types.insert(types.end(), digests.begin(), digests.end());
    return types;
}

Types listed(const std::vector<const Object*>& objects) {
    return mechanisms_of(objects);
}

CK_MECHANISM_INFO info_of(CK_MECHANISM_TYPE type, const std::vector<const Object*>& objects) {
    const auto info = mechanism_info(type, objects);
    REQUIRE(info);
    return *info;
}

CK_MECHANISM plain(CK_MECHANISM_TYPE type) {
    return {type, nullptr, 0};
}

template <class Parameters>
CK_MECHANISM with(CK_MECHANISM_TYPE type, Parameters& parameters) {
    return {type, &parameters, sizeof parameters};
}

template <class Action>
CK_RV fault(const Action& action) {
    try {
        (void)action();
    } catch (const Fault& fault) {
        return fault.value;
    }
    return CKR_OK;
}

CK_RV signature_fault(const CK_MECHANISM& mechanism, const Object& key) {
    return fault([&] { return read_signature_mechanism(mechanism, key); });
}

CK_RV decipher_fault(const CK_MECHANISM& mechanism, const Object& key) {
    return fault([&] { return read_decipher_mechanism(mechanism, key); });
}

CK_RV derive_fault(const CK_MECHANISM& mechanism, const Object& key) {
    return fault([&] { return read_derive_mechanism(mechanism, key); });
}

Bytes point(std::size_t field_size) {
    Bytes bytes(1 + 2 * field_size, 0xA5);
    bytes.front() = 0x04;
    return bytes;
}

CK_ECDH1_DERIVE_PARAMS derive_parameters(const Bytes& peer, CK_EC_KDF_TYPE kdf = CKD_NULL) {
    CK_ECDH1_DERIVE_PARAMS parameters{};
    parameters.kdf = kdf;
    parameters.pPublicData = const_cast<CK_BYTE*>(peer.data()); // it is not written to
    parameters.ulPublicDataLen = peer.size();
    return parameters;
}

} // namespace

TEST_CASE("mechanisms_of__empty_card__are_the_digests") {
    CHECK(listed({}) == digests);
}

TEST_CASE("mechanisms_of__rsa_key__are_what_it_can_do") {
    const Object key = rsa_key();
    CHECK(listed({&key}) ==
          with_digests({CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS_PSS,
                        CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS, CKM_RSA_PKCS_OAEP}));
}

TEST_CASE("mechanisms_of__rsa_key_without_pss__does_not_promise_it") {
    Object key = rsa_key();
    key.mechanisms = {"RSA-PKCS1"};
    key.decipher_mechanisms.clear();
    CHECK(listed({&key}) == with_digests({CKM_RSA_PKCS}));
}

TEST_CASE("mechanisms_of__ec_key__are_what_it_can_do") {
    Object key = ec_key();
    CHECK(listed({&key}) ==
          with_digests({CKM_ECDSA, CKM_ECDSA_SHA256, CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE}));
    key.can_derive = false;
    CHECK(listed({&key}) == with_digests({CKM_ECDSA, CKM_ECDSA_SHA256}));
}

TEST_CASE("mechanisms_of__key_not_for_signing__do_not_sign") {
    Object key = rsa_key();
    key.usage.sign = false;
    CHECK(listed({&key}) == with_digests({CKM_RSA_PKCS, CKM_RSA_PKCS_OAEP}));
    CHECK(info_of(CKM_RSA_PKCS, {&key}).flags == (CKF_HW | CKF_ENCRYPT | CKF_DECRYPT | CKF_UNWRAP));
}

TEST_CASE("mechanisms_of__other_objects__add_nothing") {
    Object certificate;
    certificate.kind = ObjectKind::Certificate;
    Object public_key = rsa_key();
    public_key.kind = ObjectKind::PublicKey;
    CHECK(listed({&certificate, &public_key}) == digests);
    CHECK(mechanisms_of(public_key).size() == 7); // but has its CKA_ALLOWED_MECHANISMS
}

TEST_CASE("mechanisms_of__names_of_a_later_version__are_skipped") {
    Object key = ec_key();
    key.mechanisms = {"ECDSA-SHAKE256", "ECDSA", ""};
    key.can_derive = false;
    CHECK(listed({&key}) == with_digests({CKM_ECDSA}));
}

TEST_CASE("mechanism_info__tells_key_sizes_and_flags") {
    const Object small = rsa_key();
    Object large = rsa_key();
    large.bits = 3072;
    const CK_MECHANISM_INFO rsa = info_of(CKM_RSA_PKCS, {&large, &small});
    CHECK(rsa.ulMinKeySize == 2048);
    CHECK(rsa.ulMaxKeySize == 3072);
    CHECK(rsa.flags ==
          (CKF_HW | CKF_SIGN | CKF_SIGN_RECOVER | CKF_VERIFY | CKF_ENCRYPT | CKF_DECRYPT | CKF_UNWRAP));
    CHECK(info_of(CKM_RSA_PKCS_PSS, {&small}).flags == (CKF_HW | CKF_SIGN | CKF_VERIFY));

    const Object ec = ec_key();
    constexpr CK_FLAGS curve = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
    const CK_MECHANISM_INFO ecdsa = info_of(CKM_ECDSA, {&small, &ec});
    CHECK(ecdsa.ulMinKeySize == 256);
    CHECK(ecdsa.ulMaxKeySize == 256);
    CHECK(ecdsa.flags == (CKF_HW | CKF_SIGN | CKF_VERIFY | curve));
    CHECK(info_of(CKM_ECDH1_DERIVE, {&ec}).flags == (CKF_HW | CKF_DERIVE | curve));

    const CK_MECHANISM_INFO digest = info_of(CKM_SHA256, {});
    CHECK(digest.flags == CKF_DIGEST);
    CHECK(digest.ulMaxKeySize == 0);
}

TEST_CASE("mechanism_info__not_listed__is_empty") {
    const Object ec = ec_key();
    const std::vector<const Object*> objects{&ec};
    for (const CK_MECHANISM_TYPE type :
         {CKM_RSA_PKCS, CKM_ECDSA_SHA512, CKM_RSA_X_509, CKM_MD5, CK_UNAVAILABLE_INFORMATION})
        CHECK_FALSE(mechanism_info(type, objects));
}

TEST_CASE("read_signature_mechanism__plain__takes_data_as_it_is") {
    const SignatureCall rsa = read_signature_mechanism(plain(CKM_RSA_PKCS), rsa_key());
    CHECK(rsa.mechanism == SignatureMechanism{SignatureScheme::RsaPkcs1, Digest::None});
    CHECK(rsa.digested);
    const SignatureCall ec = read_signature_mechanism(plain(CKM_ECDSA), ec_key());
    CHECK(ec.mechanism == SignatureMechanism{SignatureScheme::Ecdsa, Digest::None});
    CHECK(ec.digested);
}

TEST_CASE("read_signature_mechanism__with_a_digest__has_data_digested") {
    const SignatureCall call = read_signature_mechanism(plain(CKM_SHA256_RSA_PKCS), rsa_key());
    CHECK(call.mechanism == SignatureMechanism{SignatureScheme::RsaPkcs1, Digest::Sha256});
    CHECK_FALSE(call.digested);
}

TEST_CASE("read_signature_mechanism__wrong_key__is_refused") {
    CHECK(signature_fault(plain(CKM_RSA_PKCS), ec_key()) == CKR_KEY_TYPE_INCONSISTENT);
    CHECK(signature_fault(plain(CKM_ECDSA), rsa_key()) == CKR_KEY_TYPE_INCONSISTENT);
}

TEST_CASE("read_signature_mechanism__what_the_key_cannot_do__is_refused") {
    CHECK(signature_fault(plain(CKM_SHA512_RSA_PKCS), rsa_key()) == CKR_MECHANISM_INVALID);
    CHECK(signature_fault(plain(CKM_SHA_1), rsa_key()) == CKR_MECHANISM_INVALID);
    CHECK(signature_fault(plain(CKM_RSA_PKCS_OAEP), rsa_key()) == CKR_MECHANISM_INVALID);
    CHECK(signature_fault(plain(CKM_RSA_X_509), rsa_key()) == CKR_MECHANISM_INVALID);
    Object key = rsa_key();
    key.usage.sign = false; // CKM_RSA_PKCS is there for deciphering
    CHECK(signature_fault(plain(CKM_RSA_PKCS), key) == CKR_MECHANISM_INVALID);
}

TEST_CASE("read_signature_mechanism__parameter_where_there_is_none__is_refused") {
    CK_ULONG parameter = 0;
    CHECK(signature_fault(with(CKM_RSA_PKCS, parameter), rsa_key()) == CKR_MECHANISM_PARAM_INVALID);
    CHECK(signature_fault({CKM_ECDSA, nullptr, 8}, ec_key()) == CKR_MECHANISM_PARAM_INVALID);
    CHECK(signature_fault({CKM_ECDSA, &parameter, 0}, ec_key()) == CKR_OK);
}

TEST_CASE("read_signature_mechanism__pss__takes_the_digest_of_its_parameters") {
    CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA384, CKG_MGF1_SHA384, 48};
    const SignatureCall call = read_signature_mechanism(with(CKM_RSA_PKCS_PSS, parameters), rsa_key());
    CHECK(call.mechanism == SignatureMechanism{SignatureScheme::RsaPss, Digest::Sha384});
    CHECK(call.digested);
    const SignatureCall hashed =
        read_signature_mechanism(with(CKM_SHA384_RSA_PKCS_PSS, parameters), rsa_key());
    CHECK(hashed.mechanism == call.mechanism);
    CHECK_FALSE(hashed.digested);
}

TEST_CASE("read_signature_mechanism__pss_parameters_cards_do_not_have__are_refused") {
    const auto refused = [](CK_MECHANISM_TYPE type, CK_RSA_PKCS_PSS_PARAMS parameters) {
        return signature_fault(with(type, parameters), rsa_key()) == CKR_MECHANISM_PARAM_INVALID;
    };
    CHECK(refused(CKM_RSA_PKCS_PSS, {CKM_SHA256, CKG_MGF1_SHA1, 32}));
    CHECK(refused(CKM_RSA_PKCS_PSS, {CKM_SHA256, CKG_MGF1_SHA256, 20}));
    CHECK(refused(CKM_RSA_PKCS_PSS, {CKM_MD5, CKG_MGF1_SHA256, 32}));
    CHECK(refused(CKM_RSA_PKCS_PSS, {CKM_SHA256, 0, 32}));
    CHECK(refused(CKM_RSA_PKCS_PSS, {CKM_SHA512, CKG_MGF1_SHA512, 64})); // not with this key
    CHECK(refused(CKM_SHA256_RSA_PKCS_PSS, {CKM_SHA384, CKG_MGF1_SHA384, 48}));
    CHECK(signature_fault(plain(CKM_RSA_PKCS_PSS), rsa_key()) == CKR_MECHANISM_PARAM_INVALID);
    CHECK(signature_fault({CKM_RSA_PKCS_PSS, nullptr, sizeof(CK_RSA_PKCS_PSS_PARAMS)}, rsa_key()) ==
          CKR_MECHANISM_PARAM_INVALID);
    CK_RSA_PKCS_PSS_PARAMS whole{CKM_SHA256, CKG_MGF1_SHA256, 32};
    CHECK(signature_fault({CKM_RSA_PKCS_PSS, &whole, sizeof whole - 1}, rsa_key()) ==
          CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("read_signature_mechanism__parameters_not_aligned__are_read") {
    const CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, 32};
    std::array<std::uint8_t, sizeof parameters + 1> storage{};
    std::memcpy(storage.data() + 1, &parameters, sizeof parameters);
    CHECK(signature_fault({CKM_RSA_PKCS_PSS, storage.data() + 1, sizeof parameters}, rsa_key()) == CKR_OK);
}

TEST_CASE("read_decipher_mechanism__what_the_key_can_do__is_named") {
    CHECK(read_decipher_mechanism(plain(CKM_RSA_PKCS), rsa_key()) ==
          DecipherMechanism{DecipherScheme::RsaPkcs1, Digest::None});
    CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 0};
    CHECK(read_decipher_mechanism(with(CKM_RSA_PKCS_OAEP, parameters), rsa_key()) ==
          DecipherMechanism{DecipherScheme::RsaOaep, Digest::Sha256});
    parameters.source = 0; // as some programs have it
    CHECK(decipher_fault(with(CKM_RSA_PKCS_OAEP, parameters), rsa_key()) == CKR_OK);
}

TEST_CASE("read_decipher_mechanism__what_the_key_cannot_do__is_refused") {
    CHECK(decipher_fault(plain(CKM_RSA_PKCS), ec_key()) == CKR_KEY_TYPE_INCONSISTENT);
    CHECK(decipher_fault(plain(CKM_SHA256_RSA_PKCS), rsa_key()) == CKR_MECHANISM_INVALID);
    CHECK(decipher_fault(plain(CKM_RSA_PKCS_OAEP), rsa_key()) == CKR_MECHANISM_PARAM_INVALID);
    Object key = rsa_key();
    key.decipher_mechanisms.clear(); // CKM_RSA_PKCS is there for signing
    CHECK(decipher_fault(plain(CKM_RSA_PKCS), key) == CKR_MECHANISM_INVALID);

    CK_BYTE label = 1;
    const auto refused = [](CK_RSA_PKCS_OAEP_PARAMS parameters) {
        return decipher_fault(with(CKM_RSA_PKCS_OAEP, parameters), rsa_key()) == CKR_MECHANISM_PARAM_INVALID;
    };
    CHECK(refused({CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0}));
    CHECK(refused({CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, &label, 1}));
    CHECK(refused({CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 1}));
    CHECK(refused({CKM_SHA512, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED, nullptr, 0})); // not with this key
}

TEST_CASE("read_digest_mechanism__digests__are_named") {
    CHECK(read_digest_mechanism(plain(CKM_SHA_1)) == Digest::Sha1);
    CHECK(read_digest_mechanism(plain(CKM_SHA512)) == Digest::Sha512);
    CHECK(fault([] { return read_digest_mechanism(plain(CKM_MD5)); }) == CKR_MECHANISM_INVALID);
    CHECK(fault([] { return read_digest_mechanism(plain(CKM_RSA_PKCS)); }) == CKR_MECHANISM_INVALID);
    CHECK(fault([] {
              return read_digest_mechanism({CKM_SHA256, nullptr, 1});
          }) == CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("read_derive_mechanism__point__is_taken_in_both_forms") {
    const auto type = GENERATE(CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE);
    const auto [bits, header] =
        GENERATE(table<unsigned, Bytes>({{256, {0x04, 65}}, {384, {0x04, 97}}, {521, {0x04, 0x81, 133}}}));
    Object key = ec_key();
    key.bits = bits;
    const Bytes raw = point((bits + 7) / 8);
    Bytes wrapped = header;
    append(wrapped, raw);
    for (const Bytes& given : {raw, wrapped}) {
        auto parameters = derive_parameters(given);
        const DeriveCall call = read_derive_mechanism(with(type, parameters), key);
        CHECK(call.peer_point == raw);
        CHECK(call.kdf == Digest::None);
        CHECK(call.shared_info.empty());
    }
}

TEST_CASE("read_derive_mechanism__kdf__comes_with_its_shared_info") {
    const Bytes peer = point(32);
    Bytes info{1, 2, 3};
    auto parameters = derive_parameters(peer, CKD_SHA256_KDF);
    parameters.pSharedData = info.data();
    parameters.ulSharedDataLen = info.size();
    const DeriveCall call = read_derive_mechanism(with(CKM_ECDH1_DERIVE, parameters), ec_key());
    CHECK(call.kdf == Digest::Sha256);
    CHECK(call.shared_info == info);
    parameters.kdf = CKD_NULL;
    CHECK(derive_fault(with(CKM_ECDH1_DERIVE, parameters), ec_key()) == CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("read_derive_mechanism__bad_parameters__are_refused") {
    const auto refused = [](CK_ECDH1_DERIVE_PARAMS parameters) {
        return derive_fault(with(CKM_ECDH1_DERIVE, parameters), ec_key()) == CKR_MECHANISM_PARAM_INVALID;
    };
    const Bytes good = point(32);
    CHECK_FALSE(refused(derive_parameters(good)));
    Bytes compressed(33, 0x02);
    CHECK(refused(derive_parameters(compressed)));
    CHECK(refused(derive_parameters(point(48)))); // of another curve
    Bytes cut = good;
    cut.pop_back();
    CHECK(refused(derive_parameters(cut)));
    Bytes wrong_header{0x30, 65};
    append(wrong_header, good);
    CHECK(refused(derive_parameters(wrong_header)));
    CHECK(refused(derive_parameters({})));
    CHECK(refused(derive_parameters(good, CKD_SHA1_KDF_CONCATENATE)));
    auto nowhere = derive_parameters(good);
    nowhere.pPublicData = nullptr;
    CHECK(refused(nowhere));
    auto endless = derive_parameters(good, CKD_SHA256_KDF);
    CK_BYTE byte = 0;
    endless.pSharedData = &byte;
    endless.ulSharedDataLen = ~CK_ULONG{};
    CHECK(refused(endless));
    CHECK(derive_fault(plain(CKM_ECDH1_DERIVE), ec_key()) == CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("read_derive_mechanism__wrong_key__is_refused") {
    const Bytes peer = point(32);
    auto parameters = derive_parameters(peer);
    CHECK(derive_fault(with(CKM_ECDH1_DERIVE, parameters), rsa_key()) == CKR_KEY_TYPE_INCONSISTENT);
    Object key = ec_key();
    key.can_derive = false;
    CHECK(derive_fault(with(CKM_ECDH1_DERIVE, parameters), key) == CKR_MECHANISM_INVALID);
    CHECK(derive_fault(with(CKM_ECDSA, parameters), ec_key()) == CKR_MECHANISM_INVALID);
}
