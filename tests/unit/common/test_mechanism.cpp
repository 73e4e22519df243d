// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/mechanism.hpp"

#include <catch2/catch.hpp>

using namespace digisign;

TEST_CASE("mechanism_name__every_pair__is_read_back") {
    for (const auto scheme : {SignatureScheme::RsaPkcs1, SignatureScheme::RsaPss, SignatureScheme::Ecdsa})
        for (const auto digest :
             {Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512}) {
            const SignatureMechanism mechanism{scheme, digest};
            CHECK(mechanism_from_name(mechanism_name(mechanism)) == mechanism);
        }
}

TEST_CASE("mechanism_from_name__without_digest__is_for_prepared_data_only") {
    CHECK(mechanism_from_name("ECDSA") == SignatureMechanism{SignatureScheme::Ecdsa, Digest::None});
    CHECK(mechanism_from_name("RSA-PKCS1") == SignatureMechanism{SignatureScheme::RsaPkcs1, Digest::None});
    CHECK_FALSE(mechanism_from_name("RSA-PSS"));
}

TEST_CASE("mechanism_from_name__unknown__is_empty") {
    for (const char* name :
         {"", "RSA", "ECDSA-", "ECDSA-MD5", "ecdsa-sha256", "ECDSASHA256", "RSA-PKCS1-SHA256 "})
        CHECK_FALSE(mechanism_from_name(name));
}

TEST_CASE("decipher_mechanism_name__every_one__is_read_back") {
    const DecipherMechanism pkcs1{DecipherScheme::RsaPkcs1, Digest::None};
    CHECK(mechanism_name(pkcs1) == "RSA-PKCS1");
    CHECK(decipher_mechanism_from_name("RSA-PKCS1") == pkcs1);
    for (const auto digest : {Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512}) {
        const DecipherMechanism oaep{DecipherScheme::RsaOaep, digest};
        CHECK(decipher_mechanism_from_name(mechanism_name(oaep)) == oaep);
    }
    CHECK(mechanism_name(DecipherMechanism{DecipherScheme::RsaOaep, Digest::Sha256}) == "RSA-OAEP-SHA256");
}

TEST_CASE("decipher_mechanism_from_name__unknown__is_empty") {
    for (const char* name : {"", "RSA", "RSA-OAEP", "RSA-OAEP-", "RSA-OAEP-MD5", "RSA-PKCS1-SHA256", "ECDSA"})
        CHECK_FALSE(decipher_mechanism_from_name(name));
}
