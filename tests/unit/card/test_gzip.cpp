// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/gzip.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;

namespace {

// printf 'a certificate' | gzip -n9 | xxd -p -u, and the same by zlib.compress() of Python.
const Bytes gzipped = *from_hex("1F8B08000000000002034B54484E2D2AC94CCB4C4E2C49050007F53B8E0D000000");
const Bytes zlibbed = *from_hex("789C4B54484E2D2AC94CCB4C4E2C490500219B0505");

} // namespace

TEST_CASE("decompress__gzip_or_zlib__is_what_was_packed") {
    CHECK(decompress(gzipped, 100) == to_bytes("a certificate"));
    CHECK(decompress(zlibbed, 100) == to_bytes("a certificate"));
    CHECK(decompress(gzipped, 13));
}

TEST_CASE("decompress__damaged_cut_or_too_long__is_empty") {
    CHECK_FALSE(decompress(gzipped, 12));
    CHECK_FALSE(decompress({}, 100));
    for (std::size_t length = 0; length < gzipped.size(); ++length)
        CHECK_FALSE(decompress(ByteView(gzipped).first(length), 100));
    Bytes damaged = gzipped;
    damaged[14] ^= 0xFF;
    CHECK_FALSE(decompress(damaged, 100));
    CHECK_FALSE(decompress(to_bytes("a certificate"), 100));
}
