// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/elementary_file.hpp"

#include "common/error.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/commands.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;

namespace {

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
}

/// A DER object of this total length.
Bytes der_object(std::size_t size) {
    Bytes content = counting(size - 4);
    return fakes::tlv(0x30, content);
}

struct Rig {
    explicit Rig(Protocol protocol) : card(protocol), channel(protocol, card.model()), transaction(channel) {}

    std::optional<FileControl> select(const char* path) {
        return select_file(transaction, iso7816::select(iso7816::SelectBy::PathFromMf, hex(path),
                                                        iso7816::SelectAnswer::Fcp));
    }

    std::size_t reads() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            channel.commands(), [](const Bytes& command) { return command[1] == 0xB0; }));
    }

    fakes::FileCard card;
    fakes::CardChannel channel;
    Transaction transaction;
};

} // namespace

TEST_CASE("parse_file_control__fcp_and_fci__give_the_size") {
    CHECK(parse_file_control(hex("620481020680")).size == 0x680u);
    CHECK(parse_file_control(hex("6F0A 8002 0040 8201 01 8302 5031")).size == 0x40u);
    CHECK(parse_file_control(hex("62028100")).size == std::nullopt);
    CHECK(parse_file_control(hex("6203820101")).size == std::nullopt);
    CHECK(parse_file_control(hex("6207 8105 0000000001")).size == std::nullopt);
    CHECK(parse_file_control({}).size == std::nullopt);
    CHECK(parse_file_control(hex("62FF")).size == std::nullopt);
    CHECK(parse_file_control(hex("81020680")).size == std::nullopt);
}

TEST_CASE("select_file__missing_file__is_nothing_and_refusal_throws") {
    Rig rig(Protocol::T0);
    rig.card.add_file("4331", counting(10));
    CHECK(rig.select("4331").has_value());
    CHECK_FALSE(rig.select("4332").has_value());
    rig.card.selects_by_path = false;
    CHECK_THROWS_AS(rig.select("4331"), StatusError);
}

TEST_CASE("read_file__any_size_and_card__gives_the_whole_content") {
    const auto protocol = GENERATE(Protocol::T0, Protocol::T1);
    const std::size_t size = GENERATE(0u, 1u, 180u, 181u, 182u, 256u, 257u, 512u, 1664u);
    const std::size_t limit = GENERATE(1u, 181u, 256u);
    const bool answers_wrong_le = GENERATE(false, true);
    const bool tells_sizes = GENERATE(false, true);
    CAPTURE(size, limit, answers_wrong_le, tells_sizes);
    Rig rig(protocol);
    rig.card.add_file("4331", counting(size));
    rig.card.read_limit = limit;
    rig.card.answers_wrong_le = answers_wrong_le;
    rig.card.tells_file_sizes = tells_sizes;
    rig.card.size_tag = 0x81;
    const auto control = rig.select("4331");
    BinaryReader reader(rig.transaction);
    CHECK(reader.read_file(*control) == counting(size));
}

TEST_CASE("read_file__fineid_card__takes_the_fewest_reads_and_the_last_is_exact") {
    Rig rig(Protocol::T0);
    rig.card.add_file("4331", counting(1664));
    rig.card.read_limit = 0xB5;
    const auto control = rig.select("4331");
    BinaryReader reader(rig.transaction);
    (void)reader.read_file(*control);
    CHECK(rig.reads() == 10);
    CHECK(to_hex(rig.channel.commands().back()) == "00B0065D23");
}

TEST_CASE("read_der_file__file_longer_than_its_object__reads_the_object_only") {
    const std::size_t object_size = GENERATE(130u, 200u, 1000u);
    Rig rig(Protocol::T1);
    const Bytes object = der_object(object_size);
    Bytes content = object;
    content.resize(4000, 0xFF);
    rig.card.add_file("4331", content);
    rig.card.tells_file_sizes = GENERATE(true, false);
    const auto control = rig.select("4331");
    BinaryReader reader(rig.transaction);
    CHECK(reader.read_der_file(*control) == object);
    CHECK(rig.reads() == (object.size() + 255) / 256);
}

TEST_CASE("read_der_file__no_der_object__gives_the_whole_file") {
    Rig rig(Protocol::T1);
    rig.card.add_file("4331", counting(700));
    BinaryReader reader(rig.transaction);
    CHECK(reader.read_der_file(*rig.select("4331")) == counting(700));
}

TEST_CASE("read_der_file__object_that_claims_more_than_the_file__stops_at_the_file") {
    Rig rig(Protocol::T1);
    Bytes content = hex("3082FFFF");
    content.resize(300);
    rig.card.add_file("4331", content);
    BinaryReader reader(rig.transaction);
    CHECK(reader.read_der_file(*rig.select("4331")) == content);
}

TEST_CASE("read__protected_file__throws_pin_required") {
    Rig rig(Protocol::T1);
    rig.card.add_file("4331", counting(10));
    rig.card.protect_file("4331");
    const auto control = rig.select("4331");
    BinaryReader reader(rig.transaction);
    try {
        (void)reader.read_file(*control);
        FAIL("no error");
    } catch (const StatusError& error) {
        CHECK(error.code() == ErrorCode::PinRequired);
        CHECK(std::string(error.what()) ==
              "the card refused to read a file: 6982 (PIN has not been presented)");
    }
}

TEST_CASE("read__beyond_what_an_offset_can_say__stops") {
    Rig rig(Protocol::T1);
    rig.card.add_file("4331", counting(file_size_max + 100));
    rig.card.tells_file_sizes = false;
    const auto control = rig.select("4331");
    BinaryReader reader(rig.transaction);
    CHECK(reader.read_file(*control).size() == file_size_max);
    CHECK(reader.read(file_size_max, 10).empty());
}

TEST_CASE("read__success_without_data__is_the_end") {
    fakes::CardChannel channel(Protocol::T1, {[](ByteView) { return hex("9000"); }, [] {}});
    Transaction transaction(channel);
    BinaryReader reader(transaction);
    CHECK(reader.read(0, 100).empty());
    CHECK(transaction.apdu_count() == 1);
}
