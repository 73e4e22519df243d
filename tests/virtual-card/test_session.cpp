// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/file.hpp"
#include "tests/virtual-card/apdu_log.hpp"
#include "tests/virtual-card/fault_plan.hpp"
#include "tests/virtual-card/temporary_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::virtual_card;

namespace {

std::string content_of(const std::string& path) {
    return to_string(*read_small_file(path, 4096));
}

} // namespace

TEST_CASE("apdu_log__commands_with_pins__show_header_and_outcome_only") {
    const TemporaryDirectory directory;
    const std::string path = directory.file("apdu.log");
    ApduLog log(path);
    log.record(*from_hex("00A4040C0CA000000063504B43532D3135"), "9000");
    log.record(*from_hex("002000110C313233340000000000000000"), "63C4");
    log.record(*from_hex("00240011183132333400000000000000003939393900000000"
                         "00000000"),
               "9000");
    log.record(*from_hex("102C001108"
                         "3132333435363738"),
               "9000");
    log.record(*from_hex("00200011"), "63C4");
    const std::string text = content_of(path);
    CHECK(text.find("1 00A4040C0CA000000063504B43532D3135 9000\n") == 0);
    CHECK(text.find("2 002000110C************************ 63C4\n") != std::string::npos);
    CHECK(text.find("31323334") == std::string::npos);
    CHECK(text.find("39393939") == std::string::npos);
    CHECK(log.count() == 5);
    CHECK(log.counts().at("VERIFY") == 1);
    CHECK(log.counts().at("VERIFY (status)") == 1);
    CHECK(log.counts().at("SELECT") == 1);
    log.clear();
    CHECK(log.count() == 0);
    CHECK(content_of(path).empty());
}

TEST_CASE("fault_plan__nth_apdu__strikes_once") {
    FaultPlan plan;
    CHECK_FALSE(plan.next());
    plan.add({FaultKind::Removed}, 3);
    CHECK_FALSE(plan.next());
    CHECK_FALSE(plan.next());
    const auto fault = plan.next();
    REQUIRE(fault);
    CHECK(fault->kind == FaultKind::Removed);
    CHECK_FALSE(plan.next());
    plan.add({FaultKind::Mute}, 1);
    plan.clear();
    CHECK_FALSE(plan.next());
}

TEST_CASE("fault_plan__names__are_understood") {
    for (const char* name : {"removed", "removed-after", "mute", "reset", "short", "6f00"})
        CHECK(fault_from_name(name));
    CHECK(fault_from_name("delay:250")->delay == std::chrono::milliseconds(250));
    for (const char* name : {"", "delay", "delay:", "delay:x", "delay:1x", "explode"})
        CHECK_FALSE(fault_from_name(name));
}

TEST_CASE("tlv__lengths_and_types__are_der") {
    CHECK(to_hex(tlv(0xDF21, Bytes{1, 2})) == "DF21020102");
    CHECK(to_hex(tlv(0x04, Bytes(200))).starts_with("0481C8"));
    CHECK(to_hex(tlv(0x04, Bytes(300))).starts_with("0482012C"));
    CHECK(to_hex(der_integer(0)) == "020100");
    CHECK(to_hex(der_integer(0x80)) == "02020080");
    CHECK(to_hex(der_integer(2048)) == "02020800");
    CHECK(to_hex(der_bits({})) == "030100");
    CHECK(to_hex(der_bits({4, 5})) == "0302020C");
    CHECK(to_hex(der_bits({9})) == "030306"
                                   "0040");
    CHECK(to_hex(der_oid("0.4.0.1862.1.1")) == "060604008E460101");
    CHECK(to_hex(der_oid("1.3.6.1.4.1.311.20.2.3")) == "060A2B060104018237140203");
}

TEST_CASE("find_tlv__malformed_lists__find_nothing") {
    CHECK(to_hex(*find_tlv(*from_hex("800154840101"), 0x84)) == "01");
    CHECK_FALSE(find_tlv(*from_hex("800154840201"), 0x84));
    CHECK_FALSE(find_tlv(*from_hex("80"), 0x80));
    CHECK_FALSE(find_tlv(*from_hex("8083"), 0x80));
    CHECK_FALSE(find_tlv({}, 0x80));
}
