// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/ber_tlv.hpp"

#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <memory>

using namespace digisign;
using namespace digisign::iso7816;
using fakes::hex;

TEST_CASE("next__several_objects__gives_them_in_order") {
    const Bytes input = hex("81020640 82 00 30 03 020101");
    TlvReader reader(input);
    const auto size = reader.next();
    REQUIRE(size);
    CHECK(size->tag == 0x81);
    CHECK(to_hex(size->value) == "0640");
    CHECK(to_hex(size->encoded) == "81020640");
    CHECK_FALSE(size->constructed());
    CHECK(reader.next()->value.empty());
    const auto sequence = reader.next();
    REQUIRE(sequence);
    CHECK(sequence->constructed());
    CHECK(TlvReader(sequence->value).next()->tag == 0x02);
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.damaged());
}

TEST_CASE("next__tags_of_two_and_three_bytes__are_read_whole") {
    const Bytes input = hex("DF2F 01 01  7F4E 00  5F8101 01 FF");
    TlvReader reader(input);
    CHECK(reader.next()->tag == 0xDF2F);
    const auto second = reader.next();
    CHECK(second->tag == 0x7F4E);
    CHECK(second->constructed());
    CHECK(reader.next()->tag == 0x5F8101);
    CHECK(reader.at_end());
}

TEST_CASE("next__lengths_of_up_to_four_bytes__are_read") {
    for (const char* header : {"04 81 80", "04 82 0080", "04 83 000080", "04 84 00000080"}) {
        Bytes input = hex(header);
        input.resize(input.size() + 0x80, 0xAB);
        TlvReader reader(input);
        const auto object = reader.next();
        REQUIRE(object);
        CHECK(object->value.size() == 0x80);
        CHECK(object->encoded.size() == input.size());
    }
}

TEST_CASE("next__padding__is_the_end_and_no_damage") {
    const char* input_text = GENERATE("0401AA 0000000000", "0401AA FFFFFFFF", "0401AA");
    const Bytes input = hex(input_text);
    TlvReader reader(input);
    CHECK(reader.next());
    CHECK(reader.at_end());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.damaged());
}

TEST_CASE("next__not_a_data_object__is_damage") {
    // Value, length or tag cut off; indefinite length; length of five bytes; tag of four bytes.
    const char* input_text =
        GENERATE("0402AA", "04", "0481", "048201", "DF", "DF81", "5F818101", "3080020101 0000",
                 "0485 0000000001AA", "5F81818101 00", "04 84 FFFFFFFF AA", "04 83 FFFFFF");
    CAPTURE(input_text);
    const Bytes input = hex(input_text);
    TlvReader reader(input);
    CHECK_FALSE(reader.next());
    CHECK(reader.damaged());
    CHECK_FALSE(reader.next());
}

TEST_CASE("next__every_truncation_of_a_nested_object__stays_inside_its_input") {
    const Bytes whole =
        hex("A0 23 83 01 11 8C 04 F0000000 9C 04 F0000000 DF21 04 05FFA503 DF27 02 FFFF DF28 01 0C "
            "DF2F 01 01");
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        // A heap block of exactly this size, so that a sanitizer sees a byte too far.
        const std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[length]);
        std::memcpy(block.get(), whole.data(), length);
        TlvReader reader({block.get(), length});
        const auto object = reader.next();
        CHECK(object.has_value() == (length == whole.size()));
        CHECK(reader.damaged() == (length != whole.size() && length != 0));
    }
}

TEST_CASE("next_if__other_tag__leaves_the_reader_where_it_is") {
    const Bytes input = hex("0C0141 040142");
    TlvReader reader(input);
    CHECK_FALSE(reader.next_if(0x04));
    CHECK(reader.next_if(0x0C));
    CHECK(reader.next_if(0x04));
    CHECK_FALSE(reader.next_if(0x04));
}

TEST_CASE("find_tlv__does_not_look_inside_objects") {
    const Bytes input = hex("30 03 020105 02 01 06");
    CHECK(to_hex(find_tlv(input, 0x02)->value) == "06");
    CHECK_FALSE(find_tlv(input, 0x04));
}

TEST_CASE("encode_tlv__any_length__is_read_back_and_has_the_shortest_form") {
    for (const auto& [length, header] : {std::pair{0u, 2u}, {127u, 2u}, {128u, 3u}, {255u, 3u}, {256u, 4u}}) {
        const Bytes value(length, 0x5A);
        const Bytes object = encode_tlv(0x85, value);
        CHECK(object.size() == header + length);
        const auto read = find_tlv(object, 0x85);
        REQUIRE(read);
        CHECK(to_bytes(read->value) == value);
    }
    CHECK_THROWS(encode_tlv(0x85, Bytes(0x10000)));
}
