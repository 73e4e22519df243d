// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/commands.hpp"

#include "daemon/iso7816/ber_tlv.hpp"

#include <algorithm>

namespace digisign::iso7816 {

CommandApdu select(SelectBy by, ByteView name, SelectAnswer answer) {
    CommandApdu apdu{.ins = 0xA4,
                     .p1 = static_cast<std::uint8_t>(by),
                     .p2 = static_cast<std::uint8_t>(answer),
                     .data = to_bytes(name),
                     .le = std::nullopt};
    if (answer != SelectAnswer::None)
        apdu.le = CommandApdu::short_le_max;
    return apdu;
}

CommandApdu read_binary(std::size_t offset, std::size_t length) {
    return {.ins = 0xB0,
            .p1 = static_cast<std::uint8_t>(offset >> 8 & 0x7F),
            .p2 = static_cast<std::uint8_t>(offset),
            .data = {},
            .le = length};
}

CommandApdu get_response(std::uint8_t cla, std::size_t length) {
    return {.cla = cla, .ins = 0xC0, .data = {}, .le = length};
}

CommandApdu get_data(std::uint16_t tag, std::size_t length) {
    return {.ins = 0xCA,
            .p1 = static_cast<std::uint8_t>(tag >> 8),
            .p2 = static_cast<std::uint8_t>(tag),
            .data = {},
            .le = length};
}

CommandApdu verify_status(std::uint8_t reference) {
    return {.ins = 0x20, .p2 = reference, .data = {}, .le = std::nullopt};
}

CommandApdu verify_end(std::uint8_t reference) {
    return {.ins = 0x20, .p1 = 0xFF, .p2 = reference, .data = {}, .le = std::nullopt};
}

CommandApdu manage_security_environment(ReferenceTemplate crt, ByteView data_objects) {
    return {.ins = 0x22,
            .p1 = 0x41,
            .p2 = static_cast<std::uint8_t>(crt),
            .data = to_bytes(data_objects),
            .le = std::nullopt};
}

CommandApdu pso_hash_external(ByteView digest) {
    Bytes data{0x90, static_cast<std::uint8_t>(digest.size())};
    append(data, digest);
    return {.ins = 0x2A, .p1 = 0x90, .p2 = 0xA0, .data = std::move(data), .le = std::nullopt};
}

CommandApdu pso_compute_digital_signature(ByteView data, std::size_t signature_length) {
    return {.ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = to_bytes(data), .le = signature_length};
}

CommandApdu pso_decipher(PaddingIndicator indicator, ByteView cryptogram) {
    Bytes data{static_cast<std::uint8_t>(indicator)};
    append(data, cryptogram);
    return {.ins = 0x2A,
            .p1 = 0x80,
            .p2 = 0x86,
            .data = std::move(data),
            .le = std::max(cryptogram.size(), CommandApdu::short_le_max)};
}

CommandApdu general_authenticate(std::uint8_t ins, std::uint8_t algorithm, std::uint8_t key,
                                 ByteView data_objects) {
    constexpr std::uint8_t dynamic_authentication_data = 0x7C;
    return {.ins = ins,
            .p1 = algorithm,
            .p2 = key,
            .data = encode_tlv(dynamic_authentication_data, data_objects),
            .le = CommandApdu::short_le_max};
}

} // namespace digisign::iso7816
