// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/apdu_log.hpp"

#include "common/error.hpp"

#include <array>
#include <utility>

namespace digisign::virtual_card {

namespace {

constexpr std::uint8_t verify = 0x20;
constexpr std::uint8_t change_reference_data = 0x24;
constexpr std::uint8_t reset_retry_counter = 0x2C;

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 16> names{{
    {verify, "VERIFY"},
    {0x22, "MANAGE SECURITY ENVIRONMENT"},
    {change_reference_data, "CHANGE REFERENCE DATA"},
    {0x2A, "PERFORM SECURITY OPERATION"},
    {reset_retry_counter, "RESET RETRY COUNTER"},
    {0x2E, "LOGOUT"},
    {0x84, "GET CHALLENGE"},
    {0x86, "GENERAL AUTHENTICATE"},
    {0x87, "GENERAL AUTHENTICATE"},
    {0x88, "INTERNAL AUTHENTICATE"},
    {0xA4, "SELECT"},
    {0xB0, "READ BINARY"},
    {0xB2, "READ RECORD"},
    {0xC0, "GET RESPONSE"},
    {0xCA, "GET DATA"},
    {0xCB, "GET DATA"},
}};

std::string name_of(ByteView command) {
    if (command.size() < 4)
        return "malformed";
    if (command[1] == verify && command.size() <= 5)
        return "VERIFY (status)";
    for (const auto& [ins, name] : names)
        if (ins == command[1])
            return std::string(name);
    return "INS " + to_hex(command.subspan(1, 1));
}

bool carries_pin(ByteView command) {
    return command.size() > 5 &&
           (command[1] == verify || command[1] == change_reference_data || command[1] == reset_retry_counter);
}

std::string masked(ByteView command) {
    if (!carries_pin(command))
        return to_hex(command);
    std::string text = to_hex(command.first(5));
    for (std::size_t i = 5; i < command.size(); ++i)
        text += "**";
    return text;
}

} // namespace

ApduLog::ApduLog(const std::string& path) : path_(path) {
    open();
}

void ApduLog::open() {
    if (path_.empty())
        return;
    file_.open(path_, std::ios::trunc);
    if (!file_)
        throw Error(ErrorCode::OutputNotWritable, "cannot write the APDU log " + path_);
}

void ApduLog::record(ByteView command, std::string_view outcome) {
    ++count_;
    ++counts_[name_of(command)];
    if (file_.is_open())
        file_ << count_ << ' ' << masked(command) << ' ' << outcome
              << std::endl; // a test reads it while we run
}

void ApduLog::clear() {
    count_ = 0;
    counts_.clear();
    if (file_.is_open())
        file_.close();
    open();
}

} // namespace digisign::virtual_card
