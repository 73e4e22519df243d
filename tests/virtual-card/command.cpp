// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/command.hpp"

#include <algorithm>

namespace digisign::virtual_card {

namespace {

constexpr std::size_t short_maximum = 256;
constexpr std::size_t extended_maximum = 65536;

std::size_t two_octets(ByteView at) {
    return static_cast<std::size_t>(at[0]) << 8 | at[1];
}

Response with_status(std::uint16_t status) {
    Response response;
    response.status = status;
    return response;
}

} // namespace

std::optional<Command> parse_command(ByteView apdu) {
    if (apdu.size() < 4)
        return std::nullopt;
    Command command;
    command.cla = apdu[0];
    command.ins = apdu[1];
    command.p1 = apdu[2];
    command.p2 = apdu[3];
    ByteView body = apdu.subspan(4);
    if (body.empty())
        return command;     // case 1
    if (body.size() == 1) { // case 2 short
        command.expected = body[0] == 0 ? short_maximum : body[0];
        return command;
    }
    command.extended = body[0] == 0 && body.size() > 2;
    if (command.extended && body.size() == 3) { // case 2 extended
        const std::size_t le = two_octets(body.subspan(1));
        command.expected = le == 0 ? extended_maximum : le;
        return command;
    }
    const std::size_t length = command.extended ? two_octets(body.subspan(1)) : body[0];
    body = body.subspan(command.extended ? 3 : 1);
    if (length == 0 && body.empty())
        return command; // Lc = 00 and nothing more: some clients ask for the PIN status like this
    if (length == 0 || body.size() < length)
        return std::nullopt;
    command.data = to_bytes(body.first(length));
    body = body.subspan(length);
    if (body.empty())
        return command; // case 3
    if (body.size() != (command.extended ? 2U : 1U))
        return std::nullopt;
    const std::size_t le = command.extended ? two_octets(body) : body[0];
    command.expected = le != 0 ? le : command.extended ? extended_maximum : short_maximum;
    return command; // case 4
}

Response Response::wrong_value(unsigned tries_left) {
    return with_status(static_cast<std::uint16_t>(0x63C0U | std::min(tries_left, 0x0FU)));
}

Response Response::wrong_le(std::size_t right_le) {
    return with_status(static_cast<std::uint16_t>(0x6C00U | (right_le & 0xFFU)));
}

Response Response::more(std::size_t waiting) {
    return with_status(static_cast<std::uint16_t>(0x6100U | (waiting < short_maximum ? waiting : 0U)));
}

Bytes Response::encode() const {
    Bytes line = data;
    line.push_back(static_cast<std::uint8_t>(status >> 8));
    line.push_back(static_cast<std::uint8_t>(status & 0xFF));
    return line;
}

} // namespace digisign::virtual_card
