// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/attributes.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstring>
#include <set>
#include <string>

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

Token token_with_pin() {
    Token token;
    token.serial_number = "123456789";
    token.pin = Pin{};
    token.pin->number = 1;
    return token;
}

Object certificate() {
    Object object;
    object.kind = ObjectKind::Certificate;
    object.id = {0x45};
    object.label = "authentication";
    object.value = {0x30, 0x03, 1, 2, 3};
    object.subject = {0x30, 0x01};
    object.issuer = {0x30, 0x02};
    object.serial = {0x02, 0x01, 0x07};
    object.spki = {0x30, 0x05};
    object.check_value = {1, 2, 3};
    object.start_date = "20240131";
    object.end_date = "20290130";
    return object;
}

Object rsa_key(ObjectKind kind) {
    Object object;
    object.kind = kind;
    object.id = {0x45};
    object.label = "authentication";
    object.algorithm = KeyAlgorithm::Rsa;
    object.bits = 2048;
    object.usage.sign = true;
    object.usage.decrypt = true;
    object.subject = {0x30, 0x01};
    object.spki = {0x30, 0x05};
    object.modulus = {0xC0, 0x01};
    object.public_exponent = {1, 0, 1};
    object.mechanisms = {"RSA-PKCS1", "RSA-PKCS1-SHA256"};
    object.decipher_mechanisms = {"RSA-PKCS1"};
    return object;
}

Object ec_key(ObjectKind kind) {
    Object object;
    object.kind = kind;
    object.id = {0x46};
    object.algorithm = KeyAlgorithm::Ec;
    object.bits = 384;
    object.usage.non_repudiation = true;
    object.ec_params = {0x06, 0x01, 0x02};
    object.ec_point = {0x04, 0x01, 0x04};
    object.mechanisms = {"ECDSA"};
    object.always_authenticate = true;
    return object;
}

CK_ULONG number(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
    const Bytes* value = attributes.find(type);
    REQUIRE(value != nullptr);
    REQUIRE(value->size() == sizeof(CK_ULONG));
    CK_ULONG number = 0;
    std::memcpy(&number, value->data(), sizeof number);
    return number;
}

Bytes bytes(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
    const Bytes* value = attributes.find(type);
    REQUIRE(value != nullptr);
    return *value;
}

std::string text(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
    return to_string(bytes(attributes, type));
}

CK_RV status_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    return attributes.copy_to({&wanted, 1});
}

template <class Value>
CK_ATTRIBUTE wanted(CK_ATTRIBUTE_TYPE type, Value& value) {
    return {type, &value, sizeof value};
}

} // namespace

TEST_CASE("attributes_of__certificate__has_all_of_the_standard") {
    const Attributes attributes = attributes_of(certificate(), token_with_pin());
    CHECK(number(attributes, CKA_CLASS) == CKO_CERTIFICATE);
    CHECK(number(attributes, CKA_CERTIFICATE_TYPE) == CKC_X_509);
    CHECK(number(attributes, CKA_CERTIFICATE_CATEGORY) == 1); // token user
    CHECK(attributes.flag(CKA_TOKEN));
    for (const CK_ATTRIBUTE_TYPE type :
         {CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE, CKA_TRUSTED}) {
        REQUIRE(attributes.find(type) != nullptr);
        CHECK_FALSE(attributes.flag(type));
    }
    CHECK(text(attributes, CKA_LABEL) == "authentication");
    CHECK(bytes(attributes, CKA_ID) == Bytes{0x45});
    CHECK(bytes(attributes, CKA_VALUE) == Bytes{0x30, 0x03, 1, 2, 3});
    CHECK(bytes(attributes, CKA_SUBJECT) == Bytes{0x30, 0x01});
    CHECK(bytes(attributes, CKA_ISSUER) == Bytes{0x30, 0x02});
    CHECK(bytes(attributes, CKA_SERIAL_NUMBER) == Bytes{0x02, 0x01, 0x07});
    CHECK(bytes(attributes, CKA_PUBLIC_KEY_INFO) == Bytes{0x30, 0x05});
    CHECK(bytes(attributes, CKA_CHECK_VALUE) == Bytes{1, 2, 3});
    for (const CK_ATTRIBUTE_TYPE type :
         {CKA_URL, CKA_HASH_OF_SUBJECT_PUBLIC_KEY, CKA_HASH_OF_ISSUER_PUBLIC_KEY})
        CHECK(bytes(attributes, type).empty());
    CHECK(number(attributes, CKA_JAVA_MIDP_SECURITY_DOMAIN) == 0);

    CK_DATE date{};
    REQUIRE(bytes(attributes, CKA_START_DATE).size() == sizeof date);
    std::memcpy(&date, bytes(attributes, CKA_START_DATE).data(), sizeof date);
    CHECK(std::string(reinterpret_cast<const char*>(date.year), 4) == "2024");
    CHECK(std::string(reinterpret_cast<const char*>(date.month), 2) == "01");
    CHECK(std::string(reinterpret_cast<const char*>(date.day), 2) == "31");
    CHECK(text(attributes, CKA_END_DATE) == "20290130");
}

TEST_CASE("attributes_of__certificate_of_an_authority__says_so") {
    Object object = certificate();
    object.authority = true;
    CHECK(number(attributes_of(object, token_with_pin()), CKA_CERTIFICATE_CATEGORY) == 2);
}

TEST_CASE("attributes_of__rsa_private_key__has_all_but_the_secrets") {
    const Attributes attributes = attributes_of(rsa_key(ObjectKind::PrivateKey), token_with_pin());
    CHECK(number(attributes, CKA_CLASS) == CKO_PRIVATE_KEY);
    CHECK(number(attributes, CKA_KEY_TYPE) == CKK_RSA);
    for (const CK_ATTRIBUTE_TYPE type :
         {CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP})
        CHECK(attributes.flag(type));
    for (const CK_ATTRIBUTE_TYPE type :
         {CKA_EXTRACTABLE, CKA_DERIVE, CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
          CKA_WRAP_WITH_TRUSTED, CKA_ALWAYS_AUTHENTICATE}) {
        REQUIRE(attributes.find(type) != nullptr);
        CHECK_FALSE(attributes.flag(type));
    }
    CHECK(number(attributes, CKA_KEY_GEN_MECHANISM) == CK_UNAVAILABLE_INFORMATION);
    CHECK(bytes(attributes, CKA_MODULUS) == Bytes{0xC0, 0x01});
    CHECK(number(attributes, CKA_MODULUS_BITS) == 2048);
    CHECK(bytes(attributes, CKA_PUBLIC_EXPONENT) == Bytes{1, 0, 1});
    CHECK(bytes(attributes, CKA_SUBJECT) == Bytes{0x30, 0x01});
    CHECK(bytes(attributes, CKA_PUBLIC_KEY_INFO) == Bytes{0x30, 0x05});
    for (const CK_ATTRIBUTE_TYPE type :
         {CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT}) {
        CHECK(attributes.find(type) == nullptr);
        CHECK(status_of(attributes, type) == CKR_ATTRIBUTE_SENSITIVE);
    }
    CHECK(status_of(attributes, CKA_EC_PARAMS) == CKR_ATTRIBUTE_TYPE_INVALID);

    const Bytes allowed = bytes(attributes, CKA_ALLOWED_MECHANISMS);
    std::array<CK_MECHANISM_TYPE, 2> types{};
    REQUIRE(allowed.size() == sizeof types);
    std::memcpy(types.data(), allowed.data(), sizeof types);
    CHECK(types == std::array{CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS});
}

TEST_CASE("attributes_of__ec_private_key__has_all_but_the_secret") {
    const Attributes attributes = attributes_of(ec_key(ObjectKind::PrivateKey), token_with_pin());
    CHECK(number(attributes, CKA_KEY_TYPE) == CKK_EC);
    CHECK(attributes.flag(CKA_SIGN)); // non-repudiation is signing
    CHECK(attributes.flag(CKA_ALWAYS_AUTHENTICATE));
    CHECK_FALSE(attributes.flag(CKA_SIGN_RECOVER));
    CHECK_FALSE(attributes.flag(CKA_DECRYPT));
    CHECK(bytes(attributes, CKA_EC_PARAMS) == Bytes{0x06, 0x01, 0x02});
    CHECK(bytes(attributes, CKA_EC_POINT) == Bytes{0x04, 0x01, 0x04});
    CHECK(status_of(attributes, CKA_VALUE) == CKR_ATTRIBUTE_SENSITIVE);
    CHECK(status_of(attributes, CKA_MODULUS) == CKR_ATTRIBUTE_TYPE_INVALID);
}

TEST_CASE("attributes_of__key_for_deciphering__does_not_sign") {
    Object key = rsa_key(ObjectKind::PrivateKey);
    key.usage.sign = false;
    const Attributes attributes = attributes_of(key, token_with_pin());
    CHECK_FALSE(attributes.flag(CKA_SIGN));
    CHECK_FALSE(attributes.flag(CKA_SIGN_RECOVER));
    CHECK(attributes.flag(CKA_DECRYPT));
}

TEST_CASE("attributes_of__key_for_agreement__derives") {
    Object key = ec_key(ObjectKind::PrivateKey);
    key.can_derive = true;
    CHECK(attributes_of(key, token_with_pin()).flag(CKA_DERIVE));
    key.kind = ObjectKind::PublicKey;
    CHECK_FALSE(attributes_of(key, token_with_pin()).flag(CKA_DERIVE));
}

TEST_CASE("attributes_of__public_key__is_public") {
    const Attributes attributes = attributes_of(rsa_key(ObjectKind::PublicKey), token_with_pin());
    CHECK(number(attributes, CKA_CLASS) == CKO_PUBLIC_KEY);
    CHECK(attributes.flag(CKA_VERIFY));
    CHECK(attributes.flag(CKA_ENCRYPT));
    for (const CK_ATTRIBUTE_TYPE type : {CKA_PRIVATE, CKA_VERIFY_RECOVER, CKA_WRAP, CKA_TRUSTED}) {
        REQUIRE(attributes.find(type) != nullptr);
        CHECK_FALSE(attributes.flag(type));
    }
    CHECK(bytes(attributes, CKA_MODULUS) == Bytes{0xC0, 0x01});
    CHECK(status_of(attributes, CKA_SENSITIVE) == CKR_ATTRIBUTE_TYPE_INVALID);
    CHECK(status_of(attributes, CKA_PRIVATE_EXPONENT) == CKR_ATTRIBUTE_TYPE_INVALID);
}

TEST_CASE("attributes_of__public_key_not_told_by_the_card__cannot_be_used") {
    Object key = rsa_key(ObjectKind::PublicKey);
    key.spki.clear();
    key.modulus.clear();
    key.public_exponent.clear();
    const Attributes attributes = attributes_of(key, token_with_pin());
    CHECK_FALSE(attributes.flag(CKA_VERIFY));
    CHECK_FALSE(attributes.flag(CKA_ENCRYPT));
    CHECK(status_of(attributes, CKA_MODULUS) == CKR_ATTRIBUTE_TYPE_INVALID);
    CHECK(number(attributes, CKA_MODULUS_BITS) == 2048);
}

TEST_CASE("attributes_of__private_key_without_a_pin__is_not_private") {
    Token token = token_with_pin();
    token.pin.reset();
    CHECK_FALSE(attributes_of(rsa_key(ObjectKind::PrivateKey), token).flag(CKA_PRIVATE));
}

TEST_CASE("attributes_of__data_object__has_all_of_the_standard") {
    Object object;
    object.kind = ObjectKind::Data;
    object.label = "emergency data";
    object.application = "health";
    object.object_id = {0x06, 0x01, 0x2A};
    object.value = {1, 2};
    const Attributes attributes = attributes_of(object, token_with_pin());
    CHECK(number(attributes, CKA_CLASS) == CKO_DATA);
    CHECK(text(attributes, CKA_APPLICATION) == "health");
    CHECK(bytes(attributes, CKA_OBJECT_ID) == Bytes{0x06, 0x01, 0x2A});
    CHECK(bytes(attributes, CKA_VALUE) == Bytes{1, 2});
    CHECK_FALSE(attributes.flag(CKA_PRIVATE));
}

TEST_CASE("unique_id__every_object__has_its_own_and_always_the_same") {
    Object other_certificate = certificate();
    other_certificate.check_value = {3, 2, 1}; // an authority's, with the same CKA_ID
    Object data;
    data.kind = ObjectKind::Data;
    data.application = "a";
    Object other_data = data;
    other_data.application = "b";
    Token second = token_with_pin();
    second.pin->number = 2;
    std::set<std::string> ids;
    for (const Object& object : {certificate(), other_certificate, rsa_key(ObjectKind::PrivateKey),
                                 rsa_key(ObjectKind::PublicKey), data, other_data})
        for (const Token& token : {token_with_pin(), second}) {
            const std::string id = text(attributes_of(object, token), CKA_UNIQUE_ID);
            CHECK(ids.insert(id).second);
            CHECK(text(attributes_of(object, token), CKA_UNIQUE_ID) == id);
        }
    CHECK(ids.contains("123456789/PIN2/private-key/45"));
}

TEST_CASE("match__empty_template__matches_everything") {
    CHECK(attributes_of(certificate(), token_with_pin()).match({}));
}

TEST_CASE("match__every_attribute_has_to_be_there_with_its_value") {
    const Attributes attributes = attributes_of(certificate(), token_with_pin());
    CK_OBJECT_CLASS kind = CKO_CERTIFICATE;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE id = 0x45;
    const auto matches = [&attributes](std::vector<CK_ATTRIBUTE> wanted) { return attributes.match(wanted); };
    CHECK(matches({wanted(CKA_CLASS, kind), wanted(CKA_TOKEN, yes), wanted(CKA_ID, id)}));
    CHECK_FALSE(matches({wanted(CKA_CLASS, kind), wanted(CKA_PRIVATE, yes)}));
    id = 0x46;
    CHECK_FALSE(matches({wanted(CKA_CLASS, kind), wanted(CKA_ID, id)}));
    CHECK_FALSE(matches({wanted(CKA_MODULUS, id)})); // it has none
    CHECK_FALSE(matches({wanted(CKA_CLASS, yes)}));  // of another length
    CHECK_FALSE(matches({{CKA_ID, nullptr, 1}}));    // no value at all
    CHECK(matches({{CKA_URL, nullptr, 0}}));         // an empty value
    CHECK_FALSE(matches({{CKA_ID, nullptr, 0}}));    // is not any value
    CHECK_FALSE(matches({{CKA_ID, &id, ~CK_ULONG{}}}));
}

TEST_CASE("match__secret__never_matches") {
    const Attributes attributes = attributes_of(ec_key(ObjectKind::PrivateKey), token_with_pin());
    CK_BYTE guess = 1;
    CHECK_FALSE(attributes.match(std::array{wanted(CKA_VALUE, guess)}));
    CHECK_FALSE(attributes.match(std::array{CK_ATTRIBUTE{CKA_VALUE, nullptr, 0}}));
}

TEST_CASE("copy_to__without_a_buffer__tells_the_length") {
    const Attributes attributes = attributes_of(certificate(), token_with_pin());
    std::array all{CK_ATTRIBUTE{CKA_LABEL, nullptr, 99}, CK_ATTRIBUTE{CKA_URL, nullptr, 99}};
    CHECK(attributes.copy_to(all) == CKR_OK);
    CHECK(all[0].ulValueLen == std::string("authentication").size());
    CHECK(all[1].ulValueLen == 0);
}

TEST_CASE("copy_to__with_room__copies_and_tells_the_length") {
    const Attributes attributes = attributes_of(certificate(), token_with_pin());
    std::array<CK_BYTE, 20> label{};
    CK_OBJECT_CLASS kind = 0;
    std::array all{wanted(CKA_LABEL, label), wanted(CKA_CLASS, kind)};
    CHECK(attributes.copy_to(all) == CKR_OK);
    CHECK(std::string(label.begin(), label.begin() + 14) == "authentication");
    CHECK(label[14] == 0); // not beyond the value
    CHECK(all[0].ulValueLen == 14);
    CHECK(kind == CKO_CERTIFICATE);
}

TEST_CASE("copy_to__some_cannot_be_told__the_others_are") {
    const Attributes attributes = attributes_of(ec_key(ObjectKind::PrivateKey), token_with_pin());
    CK_BYTE secret = 0xEE;
    CK_BYTE point = 0xEE;
    CK_BYTE modulus = 0xEE;
    CK_KEY_TYPE type = 0;
    std::array all{wanted(CKA_VALUE, secret), wanted(CKA_EC_POINT, point), wanted(CKA_MODULUS, modulus),
                   wanted(CKA_KEY_TYPE, type)};
    const CK_RV status = attributes.copy_to(all);
    CHECK((status == CKR_ATTRIBUTE_SENSITIVE || status == CKR_BUFFER_TOO_SMALL ||
           status == CKR_ATTRIBUTE_TYPE_INVALID));
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(all[i].ulValueLen == CK_UNAVAILABLE_INFORMATION);
    CHECK(secret == 0xEE);
    CHECK(point == 0xEE);
    CHECK(modulus == 0xEE);
    CHECK(type == CKK_EC);
}

TEST_CASE("copy_to__one_byte_short__says_so") {
    const Attributes attributes = attributes_of(certificate(), token_with_pin());
    std::array<CK_BYTE, 13> label{};
    CK_ATTRIBUTE one = wanted(CKA_LABEL, label);
    CHECK(attributes.copy_to({&one, 1}) == CKR_BUFFER_TOO_SMALL);
    CHECK(one.ulValueLen == CK_UNAVAILABLE_INFORMATION);
    CHECK(label == std::array<CK_BYTE, 13>{});
}
