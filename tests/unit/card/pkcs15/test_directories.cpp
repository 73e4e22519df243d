// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.DIR, EF.OD, EF.AOD, EF.PrKD, EF.PuKD and EF.CD.

#include "daemon/card/pkcs15/aodf.hpp"
#include "daemon/card/pkcs15/cdf.hpp"
#include "daemon/card/pkcs15/dodf.hpp"
#include "daemon/card/pkcs15/ef_dir.hpp"
#include "daemon/card/pkcs15/odf.hpp"
#include "daemon/card/pkcs15/prkdf.hpp"
#include "daemon/card/pkcs15/pukdf.hpp"
#include "tests/fakes/tlv_writer.hpp"
#include "tests/virtual-card/card_key.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using namespace digisign::card::pkcs15;
using fakes::hex;
using fakes::join;
using fakes::tlv;
using fakes::utf8;

namespace {

using Warnings = std::vector<std::string>;

/// An object of `tag`: common attributes, class attributes, and type attributes in [1].
Bytes object(std::uint8_t tag, const Bytes& common, const Bytes& object_class, const Bytes& type) {
    return tlv(tag, {tlv(0x30, common), tlv(0x30, object_class), tlv(0xA1, {tlv(0x30, type)})});
}

const Bytes some_path = hex("3004 0402 4B01");

} // namespace

TEST_CASE("parse_ef_dir__record_of_a_finnish_card__gives_name_and_places") {
    // FINEID S4-1 v1: AID, label, path, provider.
    const Bytes record = hex("612D 4F0C A000000063504B43532D3135 500B 46494E454944 2053342D31 5104 3F005015"
                             "730A 0608 2A81768405040101");
    const auto applications = parse_ef_dir(join({record, hex("0000000000")}));
    REQUIRE(applications.size() == 1);
    CHECK(to_hex(applications[0].aid) == "A000000063504B43532D3135");
    CHECK(applications[0].label == "FINEID S4-1");
    CHECK(to_hex(applications[0].path) == "3F005015");
    CHECK_FALSE(applications[0].odf_path);
}

TEST_CASE("parse_ef_dir__discretionary_data__tells_other_places_of_od_and_ciainfo") {
    const Bytes record =
        tlv(0x61, {tlv(0x4F, hex("A000000063504B43532D3135")),
                   tlv(0x73, {hex("06032A0304"), hex("3006 0404 50175031"), hex("A004 0402 5033")})});
    const auto applications = parse_ef_dir(record);
    REQUIRE(applications.size() == 1);
    CHECK(applications[0].odf_path == hex("50175031"));
    CHECK(applications[0].token_info_path == hex("5033"));
    CHECK(applications[0].path.empty());
}

TEST_CASE("parse_ef_dir__garbage__has_no_applications") {
    CHECK(parse_ef_dir({}).empty());
    CHECK(parse_ef_dir(Bytes(64, 0xFF)).empty());
    CHECK(parse_ef_dir(hex("6104 5102 3F00")).empty()); // no AID
    CHECK(parse_ef_dir(hex("61FF")).empty());
}

TEST_CASE("parse_odf__all_kinds__are_told_apart") {
    Warnings warnings;
    const auto entries =
        parse_odf(hex("A806 3004 0402 4401  A006 3004 0402 4402  A406 3004 0402 4403  A506 3004 0402 4404"
                      "A706 3004 0402 4405  0000"),
                  warnings);
    REQUIRE(entries.size() == 5);
    CHECK(entries[0].kind == DirectoryKind::AuthenticationObjects);
    CHECK(entries[1].kind == DirectoryKind::PrivateKeys);
    CHECK(entries[1].path->identifiers == hex("4402"));
    CHECK(entries[3].kind == DirectoryKind::TrustedCertificates);
    CHECK(entries[4].kind == DirectoryKind::DataObjects);
    CHECK(warnings.empty());
}

TEST_CASE("parse_odf__objects_in_line__are_kept") {
    Warnings warnings;
    const auto entries = parse_odf(hex("A805 A003 300100"), warnings);
    REQUIRE(entries.size() == 1);
    CHECK_FALSE(entries[0].path);
    CHECK(entries[0].objects == hex("300100"));
}

TEST_CASE("parse_odf__entry_that_cannot_be_read__is_a_warning_and_hides_no_other") {
    Warnings warnings;
    const auto entries =
        parse_odf(hex("A800  AF06 3004 0402 4401  A006 3004 0402 4402  A40F 3004"), warnings);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].kind == DirectoryKind::PrivateKeys);
    CHECK(warnings ==
          Warnings{"entry 1 of EF.OD cannot be read", "entry 2 of EF.OD cannot be read", "EF.OD is damaged"});
}

TEST_CASE("parse_aodf__pin_with_all_fields__is_read") {
    // flags local, initialized, needs-padding; ascii-numeric; 4, 12, 12; reference -126; pad 00; path.
    const Bytes type = hex("0302 024C 0A01 01 020104 02010C 02010C 800182 040100 3004 0402 3F00");
    const Bytes pin =
        object(0x30, join({utf8("allekirjoitustunnusluku"), hex("030206C0 040103")}), hex("040102"), type);
    Warnings warnings;
    const auto pins = parse_aodf(pin, warnings);
    CHECK(warnings.empty());
    REQUIRE(pins.size() == 1);
    CHECK(pins[0].common.label == "allekirjoitustunnusluku");
    CHECK(pins[0].common.auth_id == hex("03"));
    CHECK(pins[0].auth_id == hex("02"));
    CHECK(pins[0].flags.needs_padding);
    CHECK_FALSE(pins[0].flags.unblocking_password);
    CHECK(pins[0].type == PasswordType::AsciiNumeric);
    CHECK(pins[0].min_length == 4);
    CHECK(pins[0].max_length == 12);
    CHECK(pins[0].reference == 0x82);
    CHECK(pins[0].pad_char == std::uint8_t{0x00});
    CHECK_FALSE(pins[0].flags.change_disabled);
    CHECK_FALSE(pins[0].flags.unblock_disabled);
}

TEST_CASE("parse_aodf__flags_that_forbid_changing_and_unblocking__are_read") {
    const auto [flags, change_disabled, unblock_disabled] = GENERATE(table<std::string, bool, bool>({
        {"03020520", true, false},
        {"03020410", false, true},
    }));
    const Bytes pin = object(0x30, utf8("PIN"), hex("040102"), hex(flags + "0A01 01 020104 02010C"));
    Warnings warnings;
    const auto pins = parse_aodf(pin, warnings);
    REQUIRE(pins.size() == 1);
    CHECK(pins[0].flags.change_disabled == change_disabled);
    CHECK(pins[0].flags.unblock_disabled == unblock_disabled);
}

TEST_CASE("parse_aodf__optional_fields_missing__have_their_defaults") {
    Warnings warnings;
    const auto ascii =
        parse_aodf(object(0x30, {}, hex("040101"), hex("030107 0A0101 020104 020108")), warnings);
    REQUIRE(ascii.size() == 1);
    CHECK(ascii[0].max_length == 8);
    CHECK(ascii[0].reference == 0);
    CHECK_FALSE(ascii[0].pad_char);
    const auto bcd =
        parse_aodf(object(0x30, {}, hex("040101"), hex("030107 0A0100 020104 020108")), warnings);
    REQUIRE(bcd.size() == 1);
    CHECK(bcd[0].max_length == 16);
    CHECK(warnings.empty());
}

TEST_CASE("parse_aodf__other_authentication_objects__are_left_out") {
    Warnings warnings;
    CHECK(parse_aodf(hex("A003 300100  A103 300100"), warnings).empty());
    CHECK(warnings.empty());
    CHECK(parse_aodf(object(0x30, {}, hex("040101"), hex("030107 0A0109 020104 020108")), warnings).empty());
    CHECK(warnings.size() == 1); // a password type that does not exist
}

TEST_CASE("parse_prkdf__rsa_and_ec_keys__are_read") {
    const Bytes rsa = object(0x30, join({utf8("sign"), hex("03020780 040102 020101")}),
                             hex("040146 0303 060040 0101FF 0302 03B8 020182 A103 020101"),
                             join({some_path, hex("02020800")}));
    const Bytes ec = object(0xA0, join({utf8("auth"), hex("040101")}), hex("040145 0303 072480"),
                            join({some_path, hex("02020180")}));
    const Bytes dh = object(0xA1, {}, {}, {});
    Warnings warnings;
    const auto keys = parse_prkdf(join({rsa, dh, ec}), warnings);
    CHECK(warnings.empty());
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].common.label == "sign");
    CHECK(keys[0].common.auth_id == hex("02"));
    CHECK(keys[0].common.user_consent == 1u);
    CHECK(keys[0].id == hex("46"));
    CHECK(keys[0].usage == KeyUsage{.non_repudiation = true});
    CHECK(keys[0].reference == std::uint8_t{0x82});
    CHECK(keys[0].algorithm_references == std::vector<std::int64_t>{1});
    CHECK(keys[0].bits == 2048);
    CHECK(keys[0].path->identifiers == hex("4B01"));
    CHECK(keys[1].algorithm == KeyAlgorithm::Ec);
    CHECK(keys[1].usage == KeyUsage{.sign = true, .unwrap = true, .derive = true});
    CHECK(keys[1].bits == 384);
    CHECK_FALSE(keys[1].reference);
}

TEST_CASE("parse_prkdf__auth_id_only_in_access_rules__is_found_there") {
    // Reading is free; executing needs authId 05, or both authId 06 and something else.
    const Bytes plain = hex("3011 3006 03020780 0500 3007 03020520 0401 05");
    const Bytes combined = hex("300D 300B 03020204 A205 0401 06 0500");
    for (const auto& [rules, expected] : {std::pair(plain, hex("05")), std::pair(combined, hex("06"))}) {
        Warnings warnings;
        const auto keys = parse_prkdf(
            object(0x30, join({utf8("key"), rules}), hex("040145 03020520"), some_path), warnings);
        REQUIRE(keys.size() == 1);
        CHECK(keys[0].common.auth_id == expected);
    }
}

TEST_CASE("parse_prkdf__broken_key_between_good_ones__costs_only_itself") {
    const Bytes good = object(0x30, {}, hex("040145 03020520"), some_path);
    const Bytes no_id = object(0x30, {}, hex("03020520"), some_path);
    const Bytes nameless =
        object(0x30, {}, hex("040145 03020520"), hex("0500")); // neither path nor reference
    Warnings warnings;
    CHECK(parse_prkdf(join({good, no_id, nameless, hex("3000"), hex("0400"), good}), warnings).size() == 2);
    CHECK(warnings == Warnings{"entry 2 of EF.PrKD cannot be read", "entry 3 of EF.PrKD cannot be read",
                               "entry 4 of EF.PrKD cannot be read", "entry 5 of EF.PrKD cannot be read"});
}

TEST_CASE("parse_pukdf__size_from_directory_point_or_spki__is_found") {
    const Bytes key_class = hex("040145 03020102");
    const Bytes rsa = object(0x30, {}, key_class, join({some_path, hex("02020C00")}));
    const Bytes raw_point =
        object(0xA0, {}, key_class, tlv(0xA0, {tlv(0x04, join({hex("04"), Bytes(96, 0x11)}))}));
    const auto key = virtual_card::CardKey::generate_ec("P-384");
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key.get(), &der);
    REQUIRE(length > 0);
    const Bytes spki(der, der + length);
    OPENSSL_free(der);
    const Bytes with_spki = object(0xA0, {}, key_class, tlv(0xA0, {tlv(0xA1, {spki})}));
    Warnings warnings;
    const auto keys = parse_pukdf(join({rsa, raw_point, with_spki}), warnings);
    CHECK(warnings.empty());
    REQUIRE(keys.size() == 3);
    CHECK(keys[0].bits == 3072);
    CHECK(keys[1].bits == 384);
    CHECK(keys[2].bits == 384);
    CHECK(keys[2].curve == "P-384");
}

TEST_CASE("parse_cdf__in_a_file_or_in_the_directory__is_read") {
    const Bytes in_file = object(0x30, utf8("varmenne"), hex("040145"), hex("3004 0402 4331"));
    const Bytes direct = object(0x30, utf8("CA"), hex("040147 0101FF"), tlv(0xA0, hex("3003020101")));
    const Bytes attribute_certificate = object(0xA0, {}, {}, {});
    Warnings warnings;
    const auto certificates = parse_cdf(join({in_file, attribute_certificate, direct}), warnings);
    CHECK(warnings.empty());
    REQUIRE(certificates.size() == 2);
    CHECK(certificates[0].id == hex("45"));
    CHECK_FALSE(certificates[0].authority);
    CHECK(certificates[0].value.path->identifiers == hex("4331"));
    CHECK(certificates[1].authority);
    CHECK(certificates[1].value.direct == hex("3003020101"));
}

TEST_CASE("directories__more_entries_than_any_card_has__are_cut_off_with_a_warning") {
    Bytes content;
    for (int i = 0; i < 100; ++i)
        append(content, object(0x30, {}, hex("040145"), hex("3004 0402 4331")));
    Warnings warnings;
    CHECK(parse_cdf(content, warnings).size() == 64);
    CHECK(warnings.size() == 1);
}

TEST_CASE("parse_dodf__opaque_objects__are_read_with_their_names_and_places") {
    const Bytes common = join({utf8("Notice"), hex("030100")});
    const Bytes attributes = join({utf8("program"), hex("06032A0304")});
    const Bytes by_path = tlv(0x30, {tlv(0x30, common), tlv(0x30, attributes), tlv(0xA1, some_path)});
    const Bytes by_path_in_sequence = object(0x30, common, attributes, some_path);
    const Bytes direct = tlv(0x30, {tlv(0x30, join({utf8("Here"), hex("03020780")})), tlv(0x30, {}),
                                    tlv(0xA1, {tlv(0xA0, hex("040401020304"))})});
    Warnings warnings;
    const auto objects = parse_dodf(join({by_path, by_path_in_sequence, direct}), warnings);
    CHECK(warnings.empty());
    REQUIRE(objects.size() == 3);
    for (const std::size_t i : {0U, 1U}) {
        CHECK(objects[i].common.label == "Notice");
        CHECK_FALSE(objects[i].common.is_private);
        CHECK(objects[i].application == "program");
        CHECK(to_hex(objects[i].object_id) == "06032A0304");
        REQUIRE(objects[i].value.path);
        CHECK(to_hex(objects[i].value.path->identifiers) == "4B01");
    }
    CHECK(objects[2].common.is_private);
    CHECK(objects[2].application.empty());
    CHECK(objects[2].object_id.empty());
    CHECK(to_hex(objects[2].value.direct) == "040401020304");
}

TEST_CASE("parse_dodf__others_and_garbage__are_left_out") {
    Warnings warnings;
    CHECK(parse_dodf(join({tlv(0xA0, hex("3000")), tlv(0xA1, hex("3000"))}), warnings).empty());
    CHECK(warnings.empty());
    CHECK(parse_dodf(hex("3000"), warnings).empty());
    CHECK(parse_dodf(tlv(0x30, {hex("3000"), hex("3000"), hex("A100")}), warnings).empty());
    CHECK(parse_dodf(hex("3105"), warnings).empty());
    CHECK(warnings.size() == 3);
}
