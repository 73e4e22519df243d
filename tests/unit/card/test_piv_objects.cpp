// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/drivers/piv_objects.hpp"

#include "common/error.hpp"
#include "tests/fakes/card_channel.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;

namespace {

std::optional<Bytes> read(const char* answer, piv::ObjectTag tag) {
    fakes::CardChannel channel(Protocol::T1, {[&](ByteView) { return hex(answer); }, [] {}});
    Transaction transaction(channel);
    return piv::read_object(transaction, tag);
}

} // namespace

TEST_CASE("read_object__there_empty_or_missing__is_told_apart_from_a_refusal") {
    CHECK(read("53020102 9000", piv::ObjectTag::Chuid) == hex("0102"));
    CHECK(read("7E020304 9000", piv::ObjectTag::Discovery) == hex("0304"));
    CHECK_FALSE(read("5300 9000", piv::ObjectTag::Chuid)); // as after a certificate was deleted
    CHECK_FALSE(read("9000", piv::ObjectTag::Chuid));
    CHECK_FALSE(read("6A82", piv::ObjectTag::Chuid));
    CHECK_THROWS_AS(read("6F00", piv::ObjectTag::Chuid), Error);
}

TEST_CASE("certificate_in__plain_compressed_or_nonsense__is_the_certificate_or_a_warning") {
    std::vector<std::string> warnings;
    CHECK(piv::certificate_in(hex("70023001 710100 FE00"), "certificate", warnings) == hex("3001"));
    CHECK(piv::certificate_in(hex("70023001"), "certificate", warnings) == hex("3001"));
    CHECK(piv::certificate_in(
              hex("7021 1F8B08000000000002034B54484E2D2AC94CCB4C4E2C49050007F53B8E0D000000 710101"),
              "certificate", warnings) == to_bytes("a certificate"));
    CHECK(warnings.empty());
    CHECK_FALSE(piv::certificate_in(hex("70023001 710101"), "certificate", warnings));
    CHECK_FALSE(piv::certificate_in(hex("710100"), "certificate", warnings));
    CHECK_FALSE(piv::certificate_in({}, "certificate", warnings));
    CHECK(warnings.size() == 3);
}

TEST_CASE("guid_in__chuid__is_the_guid_unless_it_is_zeros") {
    CHECK(piv::guid_in(hex("3002AABB 3404 01020304 FE00")) == hex("01020304"));
    CHECK(piv::guid_in(hex("3404 00000000")).empty());
    CHECK(piv::guid_in(hex("3002AABB")).empty());
}

TEST_CASE("retired_keys_in__key_history__is_at_most_what_there_can_be") {
    CHECK(piv::retired_keys_in(hex("C10103 C20100")) == 3);
    CHECK(piv::retired_keys_in(hex("C101FF")) == 20);
    CHECK(piv::retired_keys_in(hex("C2020102")) == 0);
    CHECK(piv::retired_keys_in({}) == 0);
}

TEST_CASE("prefers_global_pin__policy__needs_both_bytes_to_say_so") {
    CHECK(piv::prefers_global_pin(hex("5F2F02 6020")));
    CHECK_FALSE(piv::prefers_global_pin(hex("5F2F02 6010")));
    CHECK_FALSE(piv::prefers_global_pin(hex("5F2F02 4020")));
    CHECK_FALSE(piv::prefers_global_pin(hex("5F2F01 60")));
    CHECK_FALSE(piv::prefers_global_pin({}));
}
