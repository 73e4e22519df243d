// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/key_derivation.hpp"

#include "common/error.hpp"
#include "daemon/crypto/digest.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::crypto;

namespace {

/// ANSI X9.63 section 5.6.3, written out.
Bytes expected(Digest digest, const Bytes& secret, const Bytes& shared_info, std::size_t length) {
    Bytes key;
    for (std::uint8_t counter = 1; key.size() < length; ++counter) {
        Bytes input = secret;
        append(input, Bytes{0, 0, 0, counter});
        append(input, shared_info);
        append(key, digest_of(digest, input));
    }
    key.resize(length);
    return key;
}

} // namespace

TEST_CASE("derive_x963__any_digest_and_length__is_as_the_standard_says") {
    const Digest digest =
        GENERATE(Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512);
    const std::size_t length = GENERATE(1U, 20U, 32U, 100U);
    const Bytes secret(48, 0x3C);
    for (const Bytes& info : {Bytes{}, Bytes{0x30, 0x03, 0x02, 0x01, 0x05}})
        CHECK(to_bytes(derive_x963(digest, secret, info, length).view()) ==
              expected(digest, secret, info, length));
}

// NIST's test vectors for ANSI X9.63-2001, SHA-256.
TEST_CASE("derive_x963__published_vector__is_met") {
    const Bytes secret = *from_hex("96C05619D56C328AB95FE84B18264B08725B85E33FD34F08");
    CHECK(to_hex(derive_x963(Digest::Sha256, secret, {}, 16).view()) == "443024C3DAE66B95E6F5670601558F71");
}

TEST_CASE("derive_x963__no_length__is_refused") {
    CHECK_THROWS_AS(derive_x963(Digest::Sha256, Bytes(32), {}, 0), Error);
}
