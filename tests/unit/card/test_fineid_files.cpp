// SPDX-License-Identifier: LGPL-2.1-or-later
// Citizen cards whose files are not as they should be.

#include "common/error.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/iso7816/aid.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/tlv_writer.hpp"
#include "tests/virtual-card/certificates.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;
namespace vc = digisign::virtual_card;

namespace {

const char* const v3 = "3B7F9600008031B865B0850300EF1200F6829000";
const char* const v4 = "3B7F9600008031B865B085051024122460829000";
const char* const future = "3B7F9600008031B865B085059999122460829000";

constexpr std::chrono::sys_seconds issued = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);

Bytes holder_certificate(vc::Purpose purpose) {
    static const vc::Authority root = [] {
        vc::CardKey key = vc::CardKey::generate_ec("P-384");
        std::string certificate = vc::issue_root(key, issued);
        return vc::Authority{std::move(key), std::move(certificate)};
    }();
    const vc::ValidityPeriod period{issued, issued + std::chrono::days(365)};
    return vc::certificate_der(vc::issue_holder(vc::CardKey::generate_ec("P-384"), root,
                                                {"Tove", "TEST", "99900003P", "t@digisign.test"}, purpose,
                                                period));
}

struct Rig {
    Rig() : card(Protocol::T0), channel(Protocol::T0, card.model()) {
        card.add_application(iso7816::aid_pkcs15, "");
        card.size_tag = 0x81;
        card.read_limit = 0xB5;
    }

    CardDescription open(const char* atr = v4) {
        Transaction transaction(channel);
        const CardDescription description = open_card(transaction, hex(atr), cache)->description();
        apdus = transaction.apdu_count();
        return description;
    }

    fakes::FileCard card;
    fakes::CardChannel channel;
    PublicDataCache cache{""};
    std::size_t apdus = 0;
};

} // namespace

TEST_CASE("open__fineid_certificates_are_garbage__throws_card_data_invalid_with_a_sentence") {
    Rig rig;
    rig.card.add_file("4331", GENERATE(Bytes{}, Bytes(40, 0x00), Bytes(1200, 0xFF), Bytes(1200, 0x30)));
    try {
        (void)rig.open();
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::CardDataInvalid);
        CHECK(std::string(error.what()) == "none of the certificates on the card can be read");
    }
}

TEST_CASE("open__fineid_one_certificate_is_garbage__the_other_key_works") {
    Rig rig;
    rig.card.add_file("4331", Bytes(1200, 0x30));
    rig.card.add_file("50164332", holder_certificate(vc::Purpose::Signature));
    const CardDescription card = rig.open();
    REQUIRE(card.keys.size() == 1);
    CHECK(card.keys[0].label == "Signature key");
    CHECK(card.warnings.size() == 2); // the certificate, and the missing EF.CIAInfo
}

TEST_CASE("open__fineid_certificates_in_each_others_place__are_known_by_their_key_usage") {
    Rig rig;
    rig.card.add_file("4331", holder_certificate(vc::Purpose::Signature));
    rig.card.add_file("50164332", holder_certificate(vc::Purpose::Authentication));
    const CardDescription card = rig.open();
    REQUIRE(card.keys.size() == 2);
    CHECK(card.keys[0].label == "Signature key");
    CHECK(card.keys[0].reference == 0x01);
    CHECK(card.keys[0].pin_reference == std::uint8_t{0x82});
    CHECK(card.keys[1].label == "Authentication key");
    CHECK(card.keys[1].pin_reference == std::uint8_t{0x11});
}

TEST_CASE("open__fineid_alternate_certificates__are_shown_and_used_where_the_key_is_known") {
    Rig rig;
    rig.card.add_file("4331", holder_certificate(vc::Purpose::Authentication));
    rig.card.add_file("50164332", holder_certificate(vc::Purpose::Signature));
    rig.card.add_file("50164333", holder_certificate(vc::Purpose::Authentication));
    rig.card.add_file("50164335", holder_certificate(vc::Purpose::Signature));
    const CardDescription old_card = rig.open(v3);
    CHECK(old_card.certificates.size() == 4);
    REQUIRE(old_card.keys.size() == 3);
    CHECK(old_card.keys[2].reference == 0x03);
    CHECK(old_card.keys[2].label == "Signature key 2");
    Rig other;
    other.card.add_file("4331", rig.card.file("4331"));
    other.card.add_file("50164335", rig.card.file("50164335"));
    const CardDescription new_card = other.open(v4);
    CHECK(new_card.certificates.size() == 2);
    CHECK(new_card.keys.size() == 1);
    CHECK(std::ranges::any_of(new_card.warnings, [](const std::string& warning) {
        return warning == "the key of \"Signature certificate\" cannot be used";
    }));
}

TEST_CASE("open__fineid_sub_version_nobody_knows__is_driven_like_its_family") {
    Rig rig;
    rig.card.add_file("4331", holder_certificate(vc::Purpose::Authentication));
    const CardDescription card = rig.open(future);
    CHECK(card.driver == "fineid");
    CHECK(card.generation == "FINEID v4");
    CHECK_FALSE(card.serial_number.empty()); // without EF.CIAInfo, of the certificate
}

TEST_CASE("open__fineid_file_longer_than_its_certificate__is_read_and_not_remembered") {
    Rig rig;
    const Bytes certificate = holder_certificate(vc::Purpose::Authentication);
    Bytes file = certificate;
    file.resize(file.size() + GENERATE(1u, 64u, 500u), 0x00);
    rig.card.add_file("4331", file);
    CHECK(rig.open().certificates.at(0).der == certificate);
    // Another certificate with the same filler behind it.
    const Bytes other = holder_certificate(vc::Purpose::Authentication);
    file.assign(file.size(), 0x00);
    std::ranges::copy(ByteView(other).first(std::min(other.size(), file.size())), file.begin());
    rig.card.add_file("4331", file);
    if (other.size() <= file.size())
        CHECK(rig.open().certificates.at(0).der == other);
}

TEST_CASE("open__fineid_card_that_does_not_tell_file_sizes__is_read_each_time") {
    Rig rig;
    rig.card.tells_file_sizes = false;
    const Bytes certificate = holder_certificate(vc::Purpose::Authentication);
    rig.card.add_file("4331", certificate);
    for (int i = 0; i < 2; ++i) {
        CHECK(rig.open().certificates.at(0).der == certificate);
        CHECK(rig.apdus > 6);
    }
}

TEST_CASE("open__fineid_protected_file__is_a_warning_and_read_anew_the_next_time") {
    Rig rig;
    rig.card.add_file("4331", holder_certificate(vc::Purpose::Authentication));
    rig.card.add_file("4334", holder_certificate(vc::Purpose::Authentication));
    rig.card.protect_file("4334");
    CHECK(rig.open().certificates.size() == 1);
    rig.card.protect_file("");
    CHECK(rig.open().certificates.size() == 2);
}
