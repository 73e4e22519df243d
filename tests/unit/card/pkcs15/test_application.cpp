// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading the application of ISO 7816-15 from cards that keep it in different places, or keep garbage there.

#include "daemon/card/pkcs15/application.hpp"

#include "common/error.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/iso7816/aid.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/tlv_writer.hpp"
#include "tests/virtual-card/certificates.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;
namespace vc = digisign::virtual_card;

namespace {

const Bytes unknown_atr = hex("3B020102");

Bytes test_certificate() {
    static const Bytes der = [] {
        return vc::certificate_der(vc::issue_root(vc::CardKey::generate_ec("P-256"),
                                                  std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)));
    }();
    return der;
}

struct Rig {
    explicit Rig(Protocol protocol = Protocol::T1) : card(protocol), channel(protocol, card.model()) {}

    /// The usual files under the DF with this path from the MF (without 3F00).
    void add_application(const std::string& df) {
        const Bytes application = hex("3F00" + df);
        const auto path = [&](const char* file) { return fakes::join({application, hex(file)}); };
        card.add_file(df + "5031",
                      vc::object_directory({{8, path("4401")}, {0, path("4402")}, {4, path("4403")}}));
        card.add_file(df + "5032", vc::card_info({to_bytes("SERIAL1"), "maker", "label", "en", {}}));
        card.add_file(df + "4401",
                      vc::pin_directory({{"PIN", 1, std::nullopt, {4, 5}, 4, 8, 1, 0xFF, application}}));
        card.add_file(df + "4402", vc::private_key_directory(
                                       {{"key", 0x45, 1, false, {2}, 0x01, path("4B01"), false, 256}}));
        card.add_file(df + "4403", vc::certificate_directory({{"certificate", 0x45, false, path("4331")}}));
        card.add_file(df + "4331", test_certificate());
    }

    CardDescription open() {
        Transaction transaction(channel);
        PublicDataCache cache("");
        return open_card(transaction, unknown_atr, cache)->description();
    }

    fakes::FileCard card;
    fakes::CardChannel channel;
};

ErrorCode open_error(Rig& rig, std::string& message) {
    try {
        (void)rig.open();
    } catch (const Error& error) {
        message = error.what();
        return error.code();
    }
    FAIL("opened");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("open__application_in_its_usual_place__is_read_without_ef_dir_and_aid") {
    Rig rig(GENERATE(Protocol::T0, Protocol::T1));
    rig.add_application("5015");
    const CardDescription card = rig.open();
    CHECK(card.driver == "pkcs15");
    CHECK(card.label == "label");
    CHECK(card.manufacturer == "maker");
    CHECK(card.serial_number == "SERIAL1");
    CHECK(card.pins.size() == 1);
    REQUIRE(card.keys.size() == 1);
    CHECK(card.keys[0].curve == "P-256");
    CHECK_FALSE(card.keys[0].mechanisms.empty());
    CHECK(card.certificates.size() == 1);
    CHECK(card.warnings.empty());
}

TEST_CASE("open__ef_dir_names_another_place__is_read_there") {
    Rig rig;
    rig.add_application("ADF1");
    rig.card.add_application(iso7816::aid_pkcs15, "ADF1");
    rig.card.add_file("2F00", vc::application_template(iso7816::aid_pkcs15, "app", hex("3F00ADF1")));
    CHECK(rig.open().keys.size() == 1);
}

TEST_CASE("open__application_known_by_its_name_only__is_read_relative_to_it") {
    Rig rig;
    rig.add_application("ADF1");
    // The directories name files by their identifiers alone.
    rig.card.add_file("ADF15031",
                      vc::object_directory({{8, hex("4401")}, {0, hex("4402")}, {4, hex("4403")}}));
    rig.card.add_application(iso7816::aid_pkcs15, "ADF1");
    const CardDescription card = rig.open();
    CHECK(card.pins.size() == 1);
    CHECK(card.keys.size() == 1);
}

TEST_CASE("open__directory_of_objects_is_garbage__throws_card_data_invalid_with_a_sentence") {
    Rig rig;
    rig.add_application("5015");
    const Bytes garbage = GENERATE(Bytes{}, Bytes(64, 0xFF), Bytes(64, 0x00), Bytes(64, 0x5A),
                                   Bytes{0xA8, 0x82, 0xFF, 0xFF, 0x30});
    rig.card.add_file("50155031", garbage);
    std::string message;
    CHECK(open_error(rig, message) == ErrorCode::CardDataInvalid);
    CHECK(message == "the card's directory of objects (EF.OD) is empty or damaged");
}

TEST_CASE("open__every_directory_is_garbage__throws_card_data_invalid_and_says_what_was_found") {
    Rig rig;
    rig.add_application("5015");
    for (const char* file : {"50154401", "50154402", "50154403"})
        rig.card.add_file(file, Bytes(80, 0x31));
    std::string message;
    CHECK(open_error(rig, message) == ErrorCode::CardDataInvalid);
    CHECK(message.find("no PIN, key or certificate that can be read") != std::string::npos);
    CHECK(message.find("EF.AOD") != std::string::npos);
}

TEST_CASE("open__one_directory_missing_protected_or_broken__the_rest_works") {
    Rig rig;
    rig.add_application("5015");
    SECTION("broken") {
        rig.card.add_file("50154401", Bytes(20, 0x77));
    }
    SECTION("protected") {
        rig.card.protect_file("50154401");
    }
    SECTION("missing") {
        rig.card.add_file("50155031",
                          vc::object_directory({{8, hex("4499")}, {0, hex("4402")}, {4, hex("4403")}}));
    }
    const CardDescription card = rig.open();
    CHECK(card.pins.empty());
    CHECK(card.keys.size() == 1);
    CHECK(card.certificates.size() == 1);
    CHECK_FALSE(card.warnings.empty());
}

TEST_CASE("open__certificate_file_missing_or_garbage__key_remains") {
    Rig rig;
    rig.add_application("5015");
    SECTION("garbage") {
        rig.card.add_file("50154331", Bytes(500, 0x30));
    }
    SECTION("protected") {
        rig.card.protect_file("50154331");
    }
    SECTION("missing") {
        rig.card.add_file("50154403", vc::certificate_directory({{"certificate", 0x45, false, hex("4399")}}));
    }
    const CardDescription card = rig.open();
    CHECK(card.certificates.empty());
    CHECK(card.keys.size() == 1);
    CHECK(card.warnings.size() == 1);
}

TEST_CASE("open__any_byte_of_any_directory_altered__opens_or_says_that_the_data_is_invalid") {
    const std::string file = GENERATE("50155031", "50155032", "50154401", "50154402", "50154403", "50154331");
    Rig reference;
    reference.add_application("5015");
    const Bytes original = reference.card.file(file);
    for (std::size_t i = 0; i < original.size(); ++i) {
        CAPTURE(file, i);
        Bytes altered = original;
        altered[i] ^= static_cast<std::uint8_t>(0x01u << (i % 8));
        Rig rig;
        rig.add_application("5015");
        rig.card.add_file(file, altered);
        try {
            (void)rig.open();
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::CardDataInvalid);
        }
    }
}

TEST_CASE("open__card_with_date_of_its_last_change__is_remembered") {
    Rig rig;
    rig.add_application("5015");
    rig.card.add_file("50155032",
                      fakes::tlv(0x30, {hex("020100"), fakes::tlv(0x04, as_bytes("SERIAL1")),
                                        fakes::tlv(0xA5, {fakes::tlv(0x18, as_bytes("20260113120000Z"))})}));
    PublicDataCache cache("");
    Transaction first(rig.channel);
    const CardDescription cold = open_card(first, unknown_atr, cache)->description();
    Transaction second(rig.channel);
    const CardDescription warm = open_card(second, unknown_atr, cache)->description();
    CHECK(cold == warm);
    CHECK(second.apdu_count() < first.apdu_count() / 2);
}
