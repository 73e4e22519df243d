// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/slot_table.hpp"
#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

struct Fixture {
    FakeLoop loop;
    Registry registry;
    int changes = 0;
    SlotTable table{loop, registry, [this] { ++changes; }};
    FakeCardReader reader;

    Fixture() { registry.on_reader_added(reader_name, {}); }

    void insert() {
        registry.on_card_inserted(reader_name, session, FakeCardReader::description());
        registry.on_pin_statuses(session, {reader.status(pin_1), reader.status(pin_2), reader.status(puk)},
                                 card::ActivationState::Active);
        loop.run_posted();
    }
};

} // namespace

TEST_CASE("slots__empty_reader__has_two_without_token") {
    Fixture f;
    const auto slots = f.table.slots();
    REQUIRE(slots.size() == 2);
    CHECK(slots[0].id != slots[1].id);
    CHECK(slots[0].token == nullptr);
}

TEST_CASE("slots__card__has_one_per_pin_and_its_keys_in_them") {
    Fixture f;
    const auto before = f.table.slots();
    f.insert();
    const auto slots = f.table.slots();
    REQUIRE(slots.size() == 2); // the PUK has none
    CHECK(slots[0].id == before[0].id);
    CHECK(slots[0].pin->description.reference == pin_1);
    CHECK(slots[1].pin->description.reference == pin_2);
    CHECK(slots[0].holds(pin_1));
    CHECK(!slots[0].holds(pin_2));
    CHECK(slots[0].holds(std::nullopt)); // what needs no PIN is in the first
    CHECK(!slots[1].holds(std::nullopt));
    CHECK(f.table.find(slots[1].id)->pin == slots[1].pin);
    CHECK(!f.table.find(static_cast<SlotId>(99)));
    CHECK(f.table.find(session, pin_2)->id == slots[1].id);
    CHECK(!f.table.find(session, puk));
    CHECK(!f.table.find(static_cast<CardSessionId>(99), pin_2));
}

TEST_CASE("slots__second_reader__has_other_numbers_that_stay_when_the_first_goes") {
    Fixture f;
    const ReaderName second{"Another Reader 00 00"}; // comes first by name
    f.registry.on_reader_added(second, {});
    const auto both = f.table.slots();
    REQUIRE(both.size() == 4);
    f.registry.on_reader_removed(reader_name);
    const auto left = f.table.slots();
    REQUIRE(left.size() == 2);
    CHECK(left[0].reader->name == second);
    f.registry.on_reader_added(reader_name, {});
    const auto again = f.table.slots();
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(again[i].id == both[i].id);
}

TEST_CASE("slots__changes_that_come_together__are_told_once_and_raise_the_generation") {
    Fixture f;
    f.loop.run_posted();
    const auto generation = f.table.generation();
    const int changes = f.changes;
    f.insert();
    CHECK(f.changes == changes + 1);
    CHECK(f.table.generation() > generation);
}
