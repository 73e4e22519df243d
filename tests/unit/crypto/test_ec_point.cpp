// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/ec_point.hpp"

#include "daemon/crypto/openssl_ptr.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::crypto;

namespace {

Bytes point_of(const EvpPkeyPtr& key) {
    unsigned char* encoded = nullptr;
    const std::size_t length = EVP_PKEY_get1_encoded_public_key(key.get(), &encoded);
    REQUIRE(length > 0);
    Bytes point(encoded, encoded + length);
    OPENSSL_free(encoded);
    return point;
}

} // namespace

TEST_CASE("is_point_of__public_key__is_one_of_its_own_curve_only") {
    const std::string curve = GENERATE("P-256", "P-384", "P-521");
    const Bytes point = point_of(EvpPkeyPtr(EVP_EC_gen(curve.c_str())));
    CHECK(is_point_of(curve, point));
    CHECK_FALSE(is_point_of(curve == "P-256" ? "P-384" : "P-256", point));
}

TEST_CASE("is_point_of__changed_or_cut__is_none") {
    const Bytes point = point_of(EvpPkeyPtr(EVP_EC_gen("P-256")));
    Bytes changed = point;
    changed.back() ^= 0x01;
    CHECK_FALSE(is_point_of("P-256", changed));
    CHECK_FALSE(is_point_of("P-256", ByteView(point).first(point.size() - 1)));
    CHECK_FALSE(is_point_of("P-256", {}));
    CHECK_FALSE(is_point_of("P-256", Bytes{0x00})); // infinity
    Bytes compressed(point.begin(), point.begin() + 33);
    compressed[0] = 0x02;
    CHECK_FALSE(is_point_of("P-256", compressed));
    CHECK_FALSE(is_point_of("no curve", point));
    CHECK_FALSE(is_point_of("", point));
}
