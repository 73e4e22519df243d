// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/snapshot.hpp"
#include "tests/unit/pkcs11/snapshot_writer.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace digisign;
using namespace digisign::pkcs11;
using digisign::test::Dictionary;
using digisign::test::DictionaryWriter;
using digisign::test::SnapshotWriter;

namespace {

const Bytes id{0x45};

void slot_with_card(const DictionaryWriter& slot) {
    slot.number("id", 1)
        .text("reader", "Reader 00 00")
        .text("token", "card-1")
        .text("label", "HENKILOKORTTI");
    slot.text("manufacturer", "VRK-FINEID").text("model", "MultiApp v3.0").text("serial-number", "123456789");
    slot.text("pin", "PIN 1 (basic)")
        .number("pin-number", 1)
        .number("min-length", 4)
        .number("max-length", 12);
    slot.signed_number("tries-left", 5).boolean("blocked", false).boolean("factory", true);
    slot.boolean("can-change", true).boolean("can-unblock", true).boolean("agent", true);
    slot.boolean("pin-pad", true);
}

void empty_slot(const DictionaryWriter& slot) {
    slot.number("id", 2).text("reader", "Reader 00 00");
}

Dictionary object(
    const char* kind, const Dictionary& rest = [](const DictionaryWriter&) {}) {
    return [kind, rest](const DictionaryWriter& object) {
        object.number("slot", 1).text("class", kind).bytes("id", id).text("label", "authentication");
        rest(object);
    };
}

Snapshot read(const std::vector<Dictionary>& slots, const std::vector<Dictionary>& objects = {}) {
    const SnapshotWriter writer;
    return read_snapshot(writer.answer(7, slots, objects).get());
}

Object read_one(const Dictionary& object) {
    Snapshot snapshot = read({slot_with_card}, {object});
    REQUIRE(snapshot.objects.size() == 1);
    return std::move(snapshot.objects.front());
}

template <class Action>
ErrorCode failure(const Action& action) {
    try {
        (void)action();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::Cancelled; // which no case expects
}

} // namespace

TEST_CASE("read_snapshot__slot_with_a_card__has_token_and_pin") {
    const Snapshot snapshot = read({slot_with_card, empty_slot});
    CHECK(snapshot.generation == 7);
    REQUIRE(snapshot.slots.size() == 2);
    const Slot& slot = snapshot.slots[0];
    CHECK(slot.id == 1);
    CHECK(slot.reader == "Reader 00 00");
    REQUIRE(slot.token);
    CHECK(slot.token->id == "card-1");
    CHECK(slot.token->label == "HENKILOKORTTI");
    CHECK(slot.token->manufacturer == "VRK-FINEID");
    CHECK(slot.token->model == "MultiApp v3.0");
    CHECK(slot.token->serial_number == "123456789");
    CHECK(slot.token->agent);
    CHECK(slot.token->pin_pad);
    REQUIRE(slot.token->pin);
    const Pin& pin = *slot.token->pin;
    CHECK(pin.label == "PIN 1 (basic)");
    CHECK(pin.number == 1);
    CHECK(pin.min_length == 4);
    CHECK(pin.max_length == 12);
    CHECK(pin.tries_left == 5U);
    CHECK_FALSE(pin.blocked);
    CHECK(pin.factory);
    CHECK(pin.can_change);
    CHECK(pin.can_unblock);
    CHECK_FALSE(snapshot.slots[1].token);
    CHECK(snapshot.find_slot(2) == &snapshot.slots[1]);
    CHECK(snapshot.find_slot(3) == nullptr);
}

TEST_CASE("read_snapshot__card_without_a_pin__has_a_token_without_one") {
    const Snapshot snapshot =
        read({[](const DictionaryWriter& slot) { slot.number("id", 1).text("token", "card-1"); }});
    REQUIRE(snapshot.slots.at(0).token);
    CHECK_FALSE(snapshot.slots[0].token->pin);
}

TEST_CASE("read_snapshot__tries_not_known__are_empty") {
    const Snapshot snapshot = read({[](const DictionaryWriter& slot) {
        slot.number("id", 1).text("token", "card-1").text("pin", "PIN").signed_number("tries-left", -1);
    }});
    CHECK_FALSE(snapshot.slots.at(0).token->pin->tries_left);
}

TEST_CASE("read_snapshot__certificate__has_its_parts") {
    const Object certificate = read_one(object("certificate", [](const DictionaryWriter& entries) {
        entries.bytes("der", {1}).bytes("subject", {2}).bytes("issuer", {3}).bytes("serial", {4});
        entries.bytes("spki", {5}).bytes("check-value", {6, 7, 8}).text("start-date", "20240131");
        entries.text("end-date", "20290130").boolean("authority", true);
    }));
    CHECK(certificate.slot == 1);
    CHECK(certificate.kind == ObjectKind::Certificate);
    CHECK(certificate.id == id);
    CHECK(certificate.label == "authentication");
    CHECK(certificate.value == Bytes{1});
    CHECK(certificate.subject == Bytes{2});
    CHECK(certificate.issuer == Bytes{3});
    CHECK(certificate.serial == Bytes{4});
    CHECK(certificate.spki == Bytes{5});
    CHECK(certificate.check_value == Bytes{6, 7, 8});
    CHECK(certificate.start_date == "20240131");
    CHECK(certificate.end_date == "20290130");
    CHECK(certificate.authority);
}

TEST_CASE("read_snapshot__rsa_key__has_its_parts") {
    const Object key = read_one(object("private-key", [](const DictionaryWriter& entries) {
        entries.text("algorithm", "RSA").number("bits", 2048).texts("usage", {"sign", "decrypt", "unwrap"});
        entries.texts("mechanisms", {"RSA-PKCS1", "RSA-PSS-SHA256"})
            .texts("decipher-mechanisms", {"RSA-PKCS1"});
        entries.boolean("can-derive", false).boolean("always-authenticate", true);
        entries.bytes("modulus", {0xC0, 1}).bytes("public-exponent", {1, 0, 1});
    }));
    CHECK(key.kind == ObjectKind::PrivateKey);
    CHECK(key.algorithm == KeyAlgorithm::Rsa);
    CHECK(key.bits == 2048);
    CHECK(key.usage.sign);
    CHECK(key.usage.decrypt);
    CHECK(key.usage.unwrap);
    CHECK_FALSE(key.usage.derive);
    CHECK_FALSE(key.usage.non_repudiation);
    CHECK(key.mechanisms == std::vector<std::string>{"RSA-PKCS1", "RSA-PSS-SHA256"});
    CHECK(key.decipher_mechanisms == std::vector<std::string>{"RSA-PKCS1"});
    CHECK(key.always_authenticate);
    CHECK(key.modulus == Bytes{0xC0, 1});
    CHECK(key.public_exponent == Bytes{1, 0, 1});
}

TEST_CASE("read_snapshot__ec_key__has_its_parts") {
    const Object key = read_one(object("public-key", [](const DictionaryWriter& entries) {
        entries.text("algorithm", "EC").number("bits", 384).texts("usage", {"derive", "non-repudiation"});
        entries.boolean("can-derive", true).bytes("ec-params", {6, 0}).bytes("ec-point", {4, 0});
    }));
    CHECK(key.kind == ObjectKind::PublicKey);
    CHECK(key.algorithm == KeyAlgorithm::Ec);
    CHECK(key.usage.derive);
    CHECK(key.usage.non_repudiation);
    CHECK(key.can_derive);
    CHECK(key.ec_params == Bytes{6, 0});
    CHECK(key.ec_point == Bytes{4, 0});
}

TEST_CASE("read_snapshot__data_object__has_its_parts") {
    const Object data = read_one(object("data", [](const DictionaryWriter& entries) {
        entries.text("application", "CSP").bytes("object-id", {6, 1, 0}).bytes("value", {9, 9});
    }));
    CHECK(data.kind == ObjectKind::Data);
    CHECK(data.application == "CSP");
    CHECK(data.object_id == Bytes{6, 1, 0});
    CHECK(data.value == Bytes{9, 9});
}

TEST_CASE("read_snapshot__entries_of_a_later_version__are_skipped") {
    const Snapshot snapshot = read(
        {[](const DictionaryWriter& slot) {
            slot_with_card(slot);
            slot.texts("colours", {"red", "green"}).bytes("photo", {1, 2, 3});
        }},
        {object("profile"),
         object("private-key", [](const DictionaryWriter& entries) { entries.text("algorithm", "Ed25519"); }),
         object("data", [](const DictionaryWriter& entries) { entries.number("version", 2); })});
    CHECK(snapshot.slots.at(0).token);
    REQUIRE(snapshot.objects.size() == 1);
    CHECK(snapshot.objects[0].kind == ObjectKind::Data);
}

TEST_CASE("read_snapshot__object_of_no_card__is_dropped") {
    const auto in_slot = [](std::uint32_t slot) {
        return Dictionary(
            [slot](const DictionaryWriter& entries) { entries.number("slot", slot).text("class", "data"); });
    };
    const Snapshot snapshot = read({slot_with_card, empty_slot}, {in_slot(1), in_slot(2), in_slot(3)});
    CHECK(snapshot.objects.size() == 1);
}

TEST_CASE("read_snapshot__wrong_type__is_refused") {
    const auto wrong = GENERATE(
        Dictionary([](const DictionaryWriter& slot) { slot.text("id", "1"); }),
        Dictionary([](const DictionaryWriter& slot) { slot.number("id", 1).number("reader", 1); }),
        Dictionary([](const DictionaryWriter& slot) { slot.number("id", 1).bytes("token", {1}); }),
        Dictionary([](const DictionaryWriter& slot) { slot.number("id", 1).number("tries-left", 3); }),
        Dictionary([](const DictionaryWriter& slot) { slot.number("id", 1).number("blocked", 1); }));
    CHECK(failure([&] { return read({wrong}); }) == ErrorCode::Internal);
}

TEST_CASE("read_snapshot__wrong_type_in_an_object__is_refused") {
    const auto wrong =
        GENERATE(Dictionary([](const DictionaryWriter& entries) { entries.text("der", "text"); }),
                 Dictionary([](const DictionaryWriter& entries) { entries.text("mechanisms", "ECDSA"); }),
                 Dictionary([](const DictionaryWriter& entries) { entries.bytes("mechanisms", {1}); }),
                 Dictionary([](const DictionaryWriter& entries) { entries.text("start-date", "yesterday"); }),
                 Dictionary([](const DictionaryWriter& entries) { entries.text("end-date", "2024013"); }));
    CHECK(failure([&] { return read({slot_with_card}, {object("certificate", wrong)}); }) ==
          ErrorCode::Internal);
}

TEST_CASE("read_snapshot__what_must_be_there_is_not__is_refused") {
    const Dictionary nameless = [](const DictionaryWriter& slot) { slot.text("reader", "Reader"); };
    CHECK(failure([&] { return read({nameless}); }) == ErrorCode::Internal);
    CHECK(failure([&] { return read({empty_slot, empty_slot}); }) == ErrorCode::Internal);
    const Dictionary classless = [](const DictionaryWriter& entries) { entries.number("slot", 1); };
    CHECK(failure([&] { return read({slot_with_card}, {classless}); }) == ErrorCode::Internal);
    const Dictionary slotless = [](const DictionaryWriter& entries) { entries.text("class", "data"); };
    CHECK(failure([&] { return read({slot_with_card}, {slotless}); }) == ErrorCode::Internal);
}

TEST_CASE("read_snapshot__another_message__is_refused") {
    const SnapshotWriter writer;
    const char* types = GENERATE("", "s", "t", "u", "tas", "tau", "taa{si}");
    const auto message = writer.message([&](sd_bus_message* raw) {
        if (std::string(types) == "s")
            sdbus::check(sd_bus_message_append(raw, "s", "text"), "append");
        else if (std::string(types) == "u")
            sdbus::check(sd_bus_message_append(raw, "u", 1U), "append");
        else if (*types == 't') {
            sdbus::check(sd_bus_message_append(raw, "t", std::uint64_t{1}), "append");
            if (types[1] != '\0')
                sdbus::check(sd_bus_message_append(raw, types + 1, 0), "append");
        }
    });
    CHECK(failure([&] { return read_snapshot(message.get()); }) == ErrorCode::Internal);
}

TEST_CASE("read_snapshot__beyond_the_bounds__is_refused") {
    const auto numbered = [](std::size_t count) {
        std::vector<Dictionary> slots;
        for (std::uint32_t i = 0; i < count; ++i)
            slots.emplace_back([i](const DictionaryWriter& slot) { slot.number("id", i); });
        return slots;
    };
    CHECK(read(numbered(1024)).slots.size() == 1024);
    CHECK(failure([&] { return read(numbered(1025)); }) == ErrorCode::Internal);

    CHECK(read({slot_with_card}, std::vector(4096, object("data"))).objects.size() == 4096);
    CHECK(failure([&] { return read({slot_with_card}, std::vector(4097, object("data"))); }) ==
          ErrorCode::Internal);

    const auto with = [](const Dictionary& entries) {
        return [entries] { return read({slot_with_card}, {object("data", entries)}); };
    };
    constexpr std::size_t bytes_max = 64 * 1024;
    CHECK(read_one(object("data", [](const DictionaryWriter& entries) {
              entries.bytes("value", Bytes(bytes_max, 1));
          })).value.size() == bytes_max);
    CHECK(failure(with([](const DictionaryWriter& entries) {
              entries.bytes("value", Bytes(bytes_max + 1, 1));
          })) == ErrorCode::Internal);
    CHECK(failure(with([](const DictionaryWriter& entries) {
              entries.text("application", std::string(4097, 'x'));
          })) == ErrorCode::Internal);
    CHECK(failure(with([](const DictionaryWriter& entries) {
              entries.texts("usage", std::vector<std::string>(65, "sign"));
          })) == ErrorCode::Internal);
    CHECK(failure(with([](const DictionaryWriter& entries) {
              for (int i = 0; i < 65; ++i)
                  entries.number("unknown", 1);
          })) == ErrorCode::Internal);
}
