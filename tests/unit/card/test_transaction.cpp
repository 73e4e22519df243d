// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/transaction.hpp"

#include "common/error.hpp"
#include "daemon/iso7816/commands.hpp"
#include "tests/fakes/card_channel.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <catch2/catch.hpp>

#include <deque>

using namespace digisign;
using namespace digisign::card;
using fakes::hex;
using iso7816::CommandApdu;

namespace {

/// Answers one after the other, whatever is asked.
struct Answers {
    explicit Answers(std::initializer_list<const char*> texts, Protocol protocol = Protocol::T1)
        : channel(protocol, {[this](ByteView) { return next(); }, [] {}}), transaction(channel) {
        for (const char* text : texts)
            answers.push_back(hex(text));
    }

    Bytes next() {
        REQUIRE_FALSE(answers.empty());
        Bytes answer = answers.front();
        answers.pop_front();
        return answer;
    }

    std::string sent(std::size_t number) const { return to_hex(channel.commands().at(number)); }

    std::deque<Bytes> answers;
    fakes::CardChannel channel;
    Transaction transaction;
};

} // namespace

TEST_CASE("transmit__plain_answer__is_returned_as_it_came") {
    Answers card{"01029000"};
    const auto response = card.transaction.transmit(iso7816::read_binary(0, 2));
    CHECK(response.data == Bytes{0x01, 0x02});
    CHECK(response.is_success());
    CHECK(card.transaction.apdu_count() == 1);
}

TEST_CASE("transmit__61xx__fetches_the_rest_in_pieces") {
    Answers card{"AABB6103",
                 "010261"
                 "01",
                 "039000"};
    const auto response = card.transaction.transmit(iso7816::get_data(0x01A0, 256));
    CHECK(response.data == Bytes{0xAA, 0xBB, 0x01, 0x02, 0x03});
    CHECK(response.is_success());
    CHECK(card.sent(1) == "00C0000003");
    CHECK(card.sent(2) == "00C0000001");
    CHECK(card.transaction.apdu_count() == 3);
}

TEST_CASE("transmit__6100__asks_for_256_bytes") {
    Answers card{"6100", "AA9000"};
    CHECK(card.transaction.transmit(iso7816::get_data(0x01A0, 256)).data == Bytes{0xAA});
    CHECK(card.sent(1) == "00C0000000");
}

TEST_CASE("transmit__6Cxx__repeats_the_command_once_with_the_right_length") {
    Answers card{"6C60", "AABB9000"};
    CHECK(card.transaction.transmit(iso7816::pso_compute_digital_signature({}, 256)).is_success());
    CHECK(card.sent(0) == "002A9E9A00");
    CHECK(card.sent(1) == "002A9E9A60");
}

TEST_CASE("transmit__6Cxx_again_and_again__gives_up") {
    Answers card{"6C60", "6C61"};
    CHECK(card.transaction.transmit(iso7816::pso_compute_digital_signature({}, 256)).status.value == 0x6C61);
    CHECK(card.transaction.apdu_count() == 2);
}

TEST_CASE("transmit__6Cxx_to_get_response__repeats_it") {
    Answers card{"6105", "6C02", "AABB9000"};
    CHECK(card.transaction.transmit(iso7816::get_data(0x01A0, 256)).data == Bytes{0xAA, 0xBB});
    CHECK(card.sent(2) == "00C0000002");
}

TEST_CASE("transmit__command_with_data_under_t0__goes_without_le") {
    const CommandApdu command =
        iso7816::select(iso7816::SelectBy::PathFromMf, hex("4331"), iso7816::SelectAnswer::Fcp);
    Answers t0({"6106", "6204810206809000"}, Protocol::T0);
    CHECK(t0.transaction.transmit(command).data == hex("620481020680"));
    CHECK(t0.sent(0) == "00A40804024331");
    CHECK(t0.sent(1) == "00C0000006");
    Answers t1({"6204810206809000"}, Protocol::T1);
    CHECK(t1.transaction.transmit(command).data == hex("620481020680"));
    CHECK(t1.sent(0) == "00A4080402433100");
}

TEST_CASE("transmit__command_without_data_under_t0__keeps_its_le") {
    Answers card({"AA9000"}, Protocol::T0);
    (void)card.transaction.transmit(iso7816::read_binary(0, 1));
    CHECK(card.sent(0) == "00B0000001");
}

TEST_CASE("transmit__long_data__goes_as_a_chain_until_the_card_refuses") {
    const CommandApdu command{.ins = 0x2A, .p1 = 0x80, .p2 = 0x86, .data = Bytes(385, 0x11), .le = 256};
    Answers card{"9000", "AA9000"};
    CHECK(card.transaction.transmit(command).data == Bytes{0xAA});
    CHECK(card.sent(0).substr(0, 10) == "102A8086FF");
    CHECK(card.sent(1).substr(0, 10) == "002A808682");
    Answers refusing{"6884"};
    CHECK(refusing.transaction.transmit(command).status.value == 0x6884);
    CHECK(refusing.transaction.apdu_count() == 1);
}

TEST_CASE("transmit__answer_without_a_status_word__throws_card_error") {
    for (const char* answer : {"", "90"}) {
        Answers card{answer};
        try {
            (void)card.transaction.transmit(iso7816::read_binary(0, 1));
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::CardError);
        }
    }
}

TEST_CASE("transmit__card_that_never_stops_sending__throws_card_error") {
    fakes::CardChannel endless(Protocol::T1, {[](ByteView) {
                                                  Bytes answer(256, 0xAA);
                                                  append(answer, hex("6100"));
                                                  return answer;
                                              },
                                              [] {}});
    Transaction transaction(endless);
    CHECK_THROWS_AS(transaction.transmit(iso7816::get_data(0x01A0, 256)), Error);
    CHECK(transaction.apdu_count() < 300);
    Answers empty_pieces{"6110", "6110"};
    CHECK_THROWS_AS(empty_pieces.transaction.transmit(iso7816::get_data(0x01A0, 256)), Error);
}

TEST_CASE("transmit_for_secret__answer_in_pieces__is_put_together") {
    Answers card{"9000", "AABB6103", "0102036104", "040506079000"};
    const CommandApdu command{.ins = 0x2A, .p1 = 0x80, .p2 = 0x86, .data = Bytes(257, 0x11), .le = 256};
    const auto response = card.transaction.transmit_for_secret(command);
    CHECK(response.is_success());
    CHECK(to_hex(response.data.view()) == "AABB01020304050607");
    CHECK(card.sent(0).substr(0, 10) == "102A8086FF");
    CHECK(card.sent(2) == "00C0000003");
    Answers repeating{"6C02", "AABB9000"};
    CHECK(repeating.transaction.transmit_for_secret(iso7816::get_data(0x01A0, 256)).data.size() == 2);
}

TEST_CASE("transmit_for_secret__refusal_or_damage__is_that") {
    Answers refusing{"6A80"};
    const auto response = refusing.transaction.transmit_for_secret(iso7816::get_data(0x01A0, 256));
    CHECK(response.status.value == 0x6A80);
    CHECK(response.data.empty());
    for (const char* answer : {"", "90"}) {
        Answers cut{answer};
        CHECK_THROWS_AS(cut.transaction.transmit_for_secret(iso7816::get_data(0x01A0, 256)), Error);
    }
}

TEST_CASE("transmit_for_secret__card_that_never_stops_sending__throws_card_error") {
    fakes::CardChannel endless(Protocol::T1, {[](ByteView) {
                                                  Bytes answer(256, 0xAA);
                                                  append(answer, hex("6100"));
                                                  return answer;
                                              },
                                              [] {}});
    Transaction transaction(endless);
    try {
        (void)transaction.transmit_for_secret(iso7816::get_data(0x01A0, 256));
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::CardError);
    }
    CHECK(transaction.apdu_count() < 10);
}

TEST_CASE("transmit__long_data_or_answer__chained_or_extended_as_wanted") {
    const CommandApdu long_answer = iso7816::pso_compute_digital_signature({}, 384);
    Answers chained{"AA9000"};
    (void)chained.transaction.transmit(long_answer);
    CHECK(chained.sent(0) == "002A9E9A00");
    Answers extended{"AA9000", "BB9000"};
    (void)extended.transaction.transmit(long_answer, LongData::Extended);
    CHECK(extended.sent(0) == "002A9E9A000180");
    const auto cryptogram = iso7816::pso_decipher(iso7816::PaddingIndicator::NoIndication, Bytes(256, 0x11));
    (void)extended.transaction.transmit_for_secret(cryptogram, LongData::Extended);
    CHECK(extended.sent(1).substr(0, 16) == "002A808600010100");
    CHECK(extended.sent(1).substr(14 + 2 * 257) == "0100");
}
