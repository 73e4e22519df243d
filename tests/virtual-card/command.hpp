// SPDX-License-Identifier: LGPL-2.1-or-later
// What arrives at the card and what it says: command, response and the status words of ISO/IEC 7816-4 §5.

#pragma once

#include "common/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace digisign::virtual_card {

struct Command {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;
    /// Ne: octets expected at most; absent where the command has no Le field.
    std::optional<std::size_t> expected;
    bool extended = false;

    /// ISO/IEC 7816-4 §5.4.1: "the command is not the last one of a chain".
    bool chained() const { return (cla & 0x10) != 0; }
};

/// Empty where the octets are no APDU of ISO/IEC 7816-4 §5.1. Le = 00 is 256, or 65536 in an extended APDU.
std::optional<Command> parse_command(ByteView apdu);

enum class Status : std::uint16_t {
    Ok = 0x9000,
    EndOfFile = 0x6282,
    MemoryFailure = 0x6581,
    WrongLength = 0x6700,
    SecurityStatusNotSatisfied = 0x6982,
    MethodBlocked = 0x6983,
    ReferenceDataUnusable = 0x6984,
    ChainingNotSupported = 0x6884,
    ConditionsNotSatisfied = 0x6985,
    CommandNotAllowed = 0x6986,
    WrongData = 0x6A80,
    FileNotFound = 0x6A82,
    FunctionNotSupported = 0x6A81,
    WrongP1P2 = 0x6A86,
    ReferenceNotFound = 0x6A88,
    OffsetOutsideFile = 0x6B00,
    InstructionNotSupported = 0x6D00,
    ClassNotSupported = 0x6E00,
    NoDiagnosis = 0x6F00,
};

struct Response {
    Bytes data;
    std::uint16_t status = static_cast<std::uint16_t>(Status::Ok);

    Response() = default;
    Response(Status code)
        : status(static_cast<std::uint16_t>(code)) {} // NOLINT: `return Status::…` reads best
    explicit Response(Bytes content) : data(std::move(content)) {}

    /// 63Cx: the value was wrong and x tries are left.
    static Response wrong_value(unsigned tries_left);
    /// 6Cxx: the same command again with this Le.
    static Response wrong_le(std::size_t right_le);
    /// 61xx: this many octets wait for GET RESPONSE, 00 standing for 256 or more.
    static Response more(std::size_t waiting);

    bool ok() const { return status == static_cast<std::uint16_t>(Status::Ok); }
    /// Data and status word as they go over the line.
    Bytes encode() const;
};

} // namespace digisign::virtual_card
