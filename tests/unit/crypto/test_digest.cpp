// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/digest.hpp"

#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::crypto;
using fakes::hex;

TEST_CASE("digest_of__abc__is_the_value_of_fips_180") {
    CHECK(to_hex(digest_of(Digest::Sha1, as_bytes("abc"))) == "A9993E364706816ABA3E25717850C26C9CD0D89D");
    CHECK(to_hex(digest_of(Digest::Sha256, as_bytes("abc"))) ==
          "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    for (const Digest digest : {Digest::Sha224, Digest::Sha384, Digest::Sha512})
        CHECK(digest_of(digest, {}).size() == digest_size(digest));
}

TEST_CASE("encode_digest_info__each_digest__starts_with_the_prefix_of_rfc_8017") {
    // RFC 8017 section 9.2, note 1.
    const auto prefix = [](Digest digest) {
        const Bytes info = encode_digest_info(digest, Bytes(digest_size(digest)));
        return to_hex(ByteView(info).first(info.size() - digest_size(digest)));
    };
    CHECK(prefix(Digest::Sha1) == "3021300906052B0E03021A05000414");
    CHECK(prefix(Digest::Sha224) == "302D300D06096086480165030402040500041C");
    CHECK(prefix(Digest::Sha256) == "3031300D060960864801650304020105000420");
    CHECK(prefix(Digest::Sha384) == "3041300D060960864801650304020205000430");
    CHECK(prefix(Digest::Sha512) == "3051300D060960864801650304020305000440");
}

TEST_CASE("parse_digest_info__what_was_encoded__comes_back") {
    for (const Digest digest :
         {Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512}) {
        const Bytes value = digest_of(digest, as_bytes("abc"));
        const auto info = parse_digest_info(encode_digest_info(digest, value));
        REQUIRE(info);
        CHECK(info->digest == digest);
        CHECK(info->value == value);
    }
}

TEST_CASE("parse_digest_info__anything_else__is_refused") {
    const Bytes good = encode_digest_info(Digest::Sha256, Bytes(32));
    CHECK_FALSE(parse_digest_info({}));
    CHECK_FALSE(parse_digest_info(Bytes(36)));
    CHECK_FALSE(parse_digest_info(Bytes(good.begin(), good.end() - 1)));
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(parse_digest_info(longer));
    Bytes other_oid = good;
    other_oid[14] = 0x09;
    CHECK_FALSE(parse_digest_info(other_oid));
}

TEST_CASE("digest_stream__pieces__give_the_digest_of_the_whole") {
    const Digest digest =
        GENERATE(Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512);
    const Bytes data(1000, 0x5A);
    DigestStream stream(digest);
    stream.update(ByteView(data).first(1));
    stream.update({});
    stream.update(ByteView(data).last(999));
    CHECK(stream.finish() == digest_of(digest, data));
    CHECK(DigestStream(digest).finish() == digest_of(digest, {}));
}
