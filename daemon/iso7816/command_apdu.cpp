// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/command_apdu.hpp"

#include "common/error.hpp"

#include <algorithm>

namespace digisign::iso7816 {

namespace {

void push_be16(Bytes& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

} // namespace

Bytes CommandApdu::encode() const {
    if (data.size() > extended_data_max || le == 0u || le.value_or(1) > extended_le_max)
        throw Error(ErrorCode::Internal, "a command to the card has no encoding");
    const auto head = header();
    Bytes out(head.begin(), head.end());
    out.reserve(head.size() + data.size() + 5);
    if (fits_short_form()) {
        if (!data.empty())
            out.push_back(static_cast<std::uint8_t>(data.size()));
        append(out, data);
        if (le)
            out.push_back(static_cast<std::uint8_t>(*le)); // 256 becomes 00
        return out;
    }
    out.push_back(0); // marks the extended form: of the first length field only
    if (!data.empty())
        push_be16(out, data.size());
    append(out, data);
    if (le)
        push_be16(out, *le); // 65536 becomes 0000
    return out;
}

std::vector<CommandApdu> CommandApdu::chain(std::size_t piece) const {
    std::vector<CommandApdu> commands;
    ByteView rest = data;
    while (rest.size() > piece) {
        CommandApdu link{.cla = static_cast<std::uint8_t>(cla | chaining_bit),
                         .ins = ins,
                         .p1 = p1,
                         .p2 = p2,
                         .data = to_bytes(rest.first(piece)),
                         .le = std::nullopt};
        commands.push_back(std::move(link));
        rest = rest.subspan(piece);
    }
    commands.push_back({.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = to_bytes(rest), .le = le});
    return commands;
}

} // namespace digisign::iso7816
