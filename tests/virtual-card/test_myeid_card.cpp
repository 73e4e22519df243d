// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

const std::string pin_1234 = "31323334FFFFFFFF";
const std::string pin_9999 = "39393939FFFFFFFF";
const std::string puk = "3132333435363738";

} // namespace

TEST_CASE("get_data__applet_information__has_version_and_serial_number") {
    TestCard card("myeid");
    card.select_application();
    const std::string information = card.send("00CA01A014");
    CHECK(information.size() == 2 * 20 + 4);
    CHECK(information.substr(10, 6) == "040505");
    CHECK(information.substr(16, 20) == "00000000000999000011");
    CHECK(card.send("00CA01AA0B") == "0100090800000000000209"
                                     "9000");
    CHECK(card.send("00CA01A100").starts_with("5031503244014402"));
}

TEST_CASE("verify__three_wrong_pins__blocked_until_its_puk_comes") {
    TestCard card("myeid");
    card.select_application();
    CHECK(card.send("00200001") == "63C3");
    for (const char* expected : {"63C2", "63C1", "63C0"})
        CHECK(card.send("0020000108" + pin_9999) == expected);
    CHECK(card.send("0020000108" + pin_1234) == "6983");
    CHECK(card.send("002C000110" + pin_9999 + pin_9999) == "63C9");
    CHECK(card.send("002C000110" + puk + pin_9999) == "9000");
    CHECK(card.send("0020000108" + pin_9999) == "9000");
    CHECK(card.send("00200001") == "9000");
    CHECK(card.send("002E0000") == "9000");
    CHECK(card.send("00200001") == "63C3");
    CHECK(card.send("002000F1") == "6A88");
}

TEST_CASE("sign__before_and_after_verify__wants_the_pin_of_the_key") {
    TestCard card("myeid");
    card.select_application();
    REQUIRE(card.send("002241B60A80010481024B02840100") == "9000");
    const std::string command = "002A9E9A20" + std::string(64, 'A') + "00";
    CHECK(card.send(command) == "6982");
    CHECK(card.send("0020000108" + pin_1234) == "9000");
    const std::string signature = card.send(command);
    CHECK(signature.starts_with("30")); // DER
    CHECK(signature.ends_with("9000"));
    REQUIRE(card.send("002241B60A80010481024B04840100") == "9000");
    CHECK(card.send(command) == "6982");                          // PIN 2
    CHECK(card.send("002241B60A80010281024B02840100") == "6A80"); // RSA with an EC key
    CHECK(card.send("002241B60A80010481024BFF840100") == "6A88");
}

TEST_CASE("raw_rsa__halves_and_chain_and_signature__give_the_same_block") {
    TestCard card("myeid");
    card.select_application();
    REQUIRE(card.send("0020000108" + pin_1234) == "9000");
    std::string block = "0001";
    for (int i = 0; i < 200; ++i)
        block += "FF";
    block += "00" + std::string(2 * 53, 'C');
    REQUIRE(block.size() == 512);
    REQUIRE(card.send("002241B80A80010081024B01840100") == "9000");
    REQUIRE(card.send("002A80868181" + block.substr(0, 256)) == "9000");
    const std::string by_halves = card.send("002A80868182" + block.substr(256) + "00");
    REQUIRE(by_halves.size() == 516);
    REQUIRE(card.send("102A8086C100" + block.substr(0, 384)) == "9000");
    CHECK(card.send("002A808640" + block.substr(384) + "00") == by_halves);
    REQUIRE(card.send("002241B60A80010081024B01840100") == "9000");
    REQUIRE(card.send("102A9E9A80" + block.substr(0, 256)) == "9000");
    CHECK(card.send("002A9E9A80" + block.substr(256) + "00") == by_halves);
}

TEST_CASE("key_agreement__general_authenticate__both_sides_get_the_same_x_coordinate") {
    TestCard card("myeid");
    card.select_application();
    REQUIRE(card.send("0020000108" + pin_1234) == "9000");
    const CardKey own = CardKey::from_pem(card.state().keys.at("auth-ec"));
    const CardKey peer = CardKey::generate_ec("P-256");
    const auto point_of = [](const CardKey& key) {
        unsigned char* point = nullptr;
        const std::size_t length = EVP_PKEY_get1_encoded_public_key(key.get(), &point);
        const Bytes bytes(point, point + length);
        OPENSSL_free(point);
        return bytes;
    };
    REQUIRE(card.send("002241A40A80010481024B02840100") == "9000");
    CHECK(card.send("00860000457C438541" + to_hex(point_of(peer)) + "20") ==
          to_hex(*peer.derive(point_of(own))) + "9000");
    CHECK(card.send("00860000037C01FF00") == "6A80");
}
