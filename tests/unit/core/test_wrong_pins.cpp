// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/bytes.hpp"
#include "daemon/core/wrong_pins.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;

namespace {

const WrongPins::Slot slot{"fineid_1", 0x11};

Bytes digest(const WrongPins& memory, const WrongPins::Slot& of, std::string_view text) {
    PinValue value;
    value.append(as_bytes(text));
    return memory.digest_of(of, value);
}

struct Refused {
    WrongPins memory;
    Bytes wrong = digest(memory, slot, "9999");

    explicit Refused(std::optional<unsigned> tries_left = 4U) { memory.add(slot, wrong, tries_left); }
    bool remembered() const { return memory.contains(slot, wrong); }
};

} // namespace

TEST_CASE("wrong_pins__digest__differs_by_card_pin_value_and_process") {
    const WrongPins memory;
    const WrongPins other_process;
    const Bytes one = digest(memory, slot, "9999");
    CHECK(one == digest(memory, slot, "9999"));
    CHECK(one != digest(memory, slot, "9998"));
    CHECK(one != digest(memory, {"fineid_1", 0x82}, "9999"));
    CHECK(one != digest(memory, {"fineid_2", 0x11}, "9999"));
    CHECK(one != digest(other_process, slot, "9999"));
}

TEST_CASE("wrong_pins__after_the_right_one__is_still_known") {
    Refused refused;
    refused.memory.on_accepted(slot);
    refused.memory.on_tries_read(slot, 5);
    CHECK(refused.remembered());
}

TEST_CASE("wrong_pins__tries_have_become_more__is_forgotten_for_the_pin_may_be_another") {
    Refused refused;
    refused.memory.on_tries_read(slot, 4);
    CHECK(refused.remembered());
    refused.memory.on_tries_read(slot, 5);
    CHECK(!refused.remembered());
}

TEST_CASE("wrong_pins__new_value__is_forgotten") {
    Refused refused;
    refused.memory.on_new_value(slot);
    CHECK(!refused.remembered());
}

TEST_CASE("wrong_pins__card_taken_out__is_known_unless_the_pin_may_change_unseen") {
    Refused refused;
    refused.memory.on_card_removed("fineid_1");
    CHECK(refused.remembered()); // the counter will tell

    Refused accepted_since;
    accepted_since.memory.on_accepted(slot);
    accepted_since.memory.on_card_removed("fineid_1");
    CHECK(!accepted_since.remembered());

    Refused without_counter(std::nullopt);
    without_counter.memory.on_card_removed("fineid_1");
    CHECK(!without_counter.remembered());
}
