// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/describe.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using namespace digisign::card::pkcs15;

namespace {

PinObject pin(std::uint8_t auth_id, std::uint8_t reference) {
    PinObject object;
    object.auth_id = {auth_id};
    object.reference = reference;
    object.min_length = 4;
    object.stored_length = 8;
    object.max_length = 8;
    return object;
}

PrivateKeyObject key(std::uint8_t auth_id, KeyUsage usage) {
    PrivateKeyObject object;
    object.id = {0x45};
    object.common.auth_id = {auth_id};
    object.usage = usage;
    object.reference = 0x01;
    object.bits = 2048;
    return object;
}

} // namespace

TEST_CASE("describe__roles_of_pins__follow_from_what_they_guard") {
    Objects objects;
    objects.pins = {pin(1, 0x11), pin(2, 0x82), pin(3, 0x83), pin(4, 0x04)};
    objects.pins[2].flags.unblocking_password = true;
    objects.pins[3].flags.so_password = true;
    objects.private_keys = {key(1, {.sign = true}), key(2, {.non_repudiation = true}),
                            key(9, {.sign = true})};
    const CardDescription card = describe(objects, default_location());
    CHECK(card.pins[0].role == PinRole::Authentication);
    CHECK(card.pins[1].role == PinRole::Signature);
    CHECK(card.pins[2].role == PinRole::Puk);
    CHECK(card.pins[3].role == PinRole::Puk);
    CHECK(card.keys[0].pin_reference == std::uint8_t{0x11});
    CHECK(card.keys[1].pin_reference == std::uint8_t{0x82});
    CHECK_FALSE(card.keys[2].pin_reference); // the PIN it names is not there
}

TEST_CASE("describe__pin_that_also_guards_other_keys__is_no_signature_pin") {
    Objects objects;
    objects.pins = {pin(1, 0x01)};
    objects.private_keys = {key(1, {.non_repudiation = true}), key(1, {.sign = true})};
    CHECK(describe(objects, default_location()).pins[0].role == PinRole::Authentication);
}

TEST_CASE("describe__auth_id_of_a_pin__names_its_puk") {
    Objects objects;
    objects.pins = {pin(1, 0x11), pin(3, 0x83)};
    objects.pins[0].common.auth_id = {3};
    objects.pins[1].flags.unblocking_password = true;
    CHECK(describe(objects, default_location()).pins[0].puk_reference == std::uint8_t{0x83});
}

TEST_CASE("describe__padding__only_where_the_card_asks_for_it") {
    Objects objects;
    objects.pins = {pin(1, 0x01), pin(2, 0x02)};
    objects.pins[0].flags.needs_padding = true;
    objects.pins[0].pad_char = 0xFF;
    objects.pins[0].max_length = 99;
    objects.pins[1].pad_char = 0xFF;
    const CardDescription card = describe(objects, default_location());
    CHECK(card.pins[0].stored_length == 8);
    CHECK(card.pins[0].pad_byte == std::uint8_t{0xFF});
    CHECK(card.pins[0].max_length == 8);
    CHECK(card.pins[1].stored_length == 0);
    CHECK_FALSE(card.pins[1].pad_byte);
}

TEST_CASE("describe__pin_flags__say_what_can_be_done_with_it") {
    Objects objects;
    objects.pins = {pin(1, 0x01), pin(2, 0x02), pin(3, 0x03), pin(4, 0x83)};
    objects.pins[1].flags.change_disabled = true;
    objects.pins[2].flags.unblock_disabled = true;
    objects.pins[3].flags.unblocking_password = true;
    const auto pins = describe(objects, default_location()).pins;
    CHECK((pins[0].can_change && pins[0].can_unblock));
    CHECK((!pins[1].can_change && pins[1].can_unblock));
    CHECK((pins[2].can_change && !pins[2].can_unblock));
    CHECK((!pins[3].can_change && !pins[3].can_unblock));
}

TEST_CASE("describe__pin_packed_otherwise_than_typed__is_left_out_with_a_warning") {
    Objects objects;
    objects.pins = {pin(1, 0x01), pin(2, 0x02)};
    objects.pins[0].type = PasswordType::Bcd;
    const CardDescription card = describe(objects, default_location());
    CHECK(card.pins.size() == 1);
    CHECK(card.warnings.size() == 1);
}

TEST_CASE("describe__absurd_pin_lengths__give_a_rule_that_can_be_kept") {
    Objects objects;
    objects.pins = {pin(1, 0x01)};
    objects.pins[0].min_length = 60000;
    objects.pins[0].max_length = 3;
    const CardDescription card = describe(objects, default_location());
    CHECK(card.pins[0].min_length <= card.pins[0].max_length);
}

TEST_CASE("describe__certificate_that_is_none__is_a_warning") {
    Objects objects;
    objects.certificates = {{CertificateObject{}, Bytes{0x30, 0x00}}};
    objects.certificates[0].object.common.label = "broken";
    const CardDescription card = describe(objects, default_location());
    CHECK(card.certificates.empty());
    REQUIRE(card.warnings.size() == 1);
    CHECK(card.warnings[0].find("broken") != std::string::npos);
}

TEST_CASE("describe__key_without_certificate__takes_its_size_from_the_public_key") {
    Objects objects;
    objects.private_keys = {key(1, {.sign = true}), key(1, {.sign = true})};
    objects.private_keys[0].bits = 0;
    objects.private_keys[1].bits = 0;
    objects.private_keys[1].id = {0x46};
    objects.public_keys = {{{0x45}, KeyAlgorithm::Ec, 256, "P-256", {0x30, 0x00}}};
    const CardDescription card = describe(objects, default_location());
    CHECK(card.keys[0].bits == 256);
    CHECK(card.keys[0].curve == "P-256");
    CHECK(card.keys[0].spki == Bytes{0x30, 0x00});
    CHECK(card.keys[1].bits == 0);
    CHECK(card.warnings.size() == 1);
}

TEST_CASE("describe__data_objects__are_kept_as_long_as_there_is_room") {
    Objects objects;
    const auto data = [](const std::string& label, std::size_t size) {
        return Data{{{label, false, {}, {}}, "program", {}, {}}, Bytes(size)};
    };
    objects.data_objects = {data("large", data_objects_size_max - 10), data("too large", 11),
                            data("small", 10)};
    const CardDescription card = describe(objects, default_location());
    REQUIRE(card.data_objects.size() == 2);
    CHECK(card.data_objects[0].label == "large");
    CHECK(card.data_objects[1].label == "small");
    REQUIRE(card.warnings.size() == 1);
    CHECK(card.warnings[0].find("too large") != std::string::npos);
}
