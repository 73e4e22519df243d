// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/state.hpp"

#include "common/error.hpp"
#include "tests/virtual-card/temporary_directory.hpp"
#include "tests/virtual-card/test_cards.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using namespace digisign;
using namespace digisign::virtual_card;

TEST_CASE("state__locked_pin__stays_locked_over_a_restart") {
    const TemporaryDirectory directory;
    const std::string path = directory.file("card.json");
    {
        StateStore store(path);
        REQUIRE_FALSE(store.exists());
        store.create(personalized("fineid-v4"));
        const auto card = make_card("fineid-v4", store);
        card->transmit(*from_hex("00A4040C0CA000000063504B43532D3135"));
        for (int i = 0; i < 5; ++i)
            card->transmit(*from_hex(concat({"002000110C", block_9999})));
    }
    StateStore store(path);
    REQUIRE(store.exists());
    const auto card = make_card(store.state().profile, store);
    card->transmit(*from_hex("00A4040C0CA000000063504B43532D3135"));
    CHECK(to_hex(*card->transmit(*from_hex("00200011"))) == "6983");
    CHECK(to_hex(*card->transmit(*from_hex("00200082"))) == "63C5");
    CHECK(store.state().certificates == personalized("fineid-v4").certificates);
    CHECK(store.state().keys == personalized("fineid-v4").keys);
    CHECK(directory.count() == 1); // nothing left behind by the writing
}

TEST_CASE("state__try_spent__is_on_disk_before_the_answer") {
    const TemporaryDirectory directory;
    StateStore store(directory.file("card.json"));
    store.create(personalized("fineid-v4"));
    const auto card = make_card("fineid-v4", store);
    card->transmit(*from_hex("00A4040C0CA000000063504B43532D3135"));
    REQUIRE(to_hex(*card->transmit(*from_hex(concat({"002000110C", block_9999})))) == "63C4");
    const StateStore second(directory.file("card.json"));
    CHECK(second.state().pins.at("pin1").tries_left == 4);
}

TEST_CASE("state__file_mode__is_for_the_owner_only") {
    const TemporaryDirectory directory;
    StateStore store(directory.file("card.json"));
    store.create(personalized("fineid-v4"));
    struct stat info {};
    REQUIRE(::stat(directory.file("card.json").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("state__file_that_is_something_else__is_refused_and_kept") {
    const TemporaryDirectory directory;
    std::ofstream(directory.file("letter.txt")) << "Dear sir";
    CHECK_THROWS_AS(StateStore(directory.file("letter.txt")), Error);
    CHECK(std::filesystem::file_size(directory.file("letter.txt")) == 8);
    std::ofstream(directory.file("other.json")) << "{\"format\": 99}";
    CHECK_THROWS_AS(StateStore(directory.file("other.json")), Error);
}
