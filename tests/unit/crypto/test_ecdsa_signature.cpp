// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/crypto/ecdsa_signature.hpp"

#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::crypto;
using fakes::hex;

TEST_CASE("ecdsa_der_to_raw__short_numbers__are_filled_up_to_the_field") {
    CHECK(to_hex(ecdsa_der_to_raw(hex("3006 020101 020102"), 4).value()) == "0000000100000002");
    CHECK(to_hex(ecdsa_der_to_raw(hex("3009 0205 00FFFFFFFF 0200"), 4).value_or(Bytes{})) ==
          ""); // an empty INTEGER
    CHECK(to_hex(ecdsa_der_to_raw(hex("300A 0205 00FFFFFFFF 020107"), 4).value()) == "FFFFFFFF00000007");
}

TEST_CASE("ecdsa_der_to_raw__not_a_signature__is_refused") {
    // Too long for the field, negative, cut off, bytes behind it, not a SEQUENCE.
    const char* text = GENERATE("3009 0204 01000000 020101", "3006 0201FF 020102", "3006 020101 0201",
                                "3006 020101 020102 00", "0406 020101 020102", "3003 020101", "");
    CHECK_FALSE(ecdsa_der_to_raw(hex(text), 3));
}

TEST_CASE("ecdsa_raw_to_der__two_halves__become_two_integers") {
    CHECK(to_hex(ecdsa_raw_to_der(hex("00000001 FFFFFFFF")).value()) == "300A020101020500FFFFFFFF");
    CHECK_FALSE(ecdsa_raw_to_der({}));
    CHECK_FALSE(ecdsa_raw_to_der(hex("010203")));
}
