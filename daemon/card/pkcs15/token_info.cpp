// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/token_info.hpp"

#include "daemon/card/pkcs15/der_value.hpp"
#include "daemon/iso7816/ber_tlv.hpp"

#include <algorithm>

namespace digisign::card::pkcs15 {

using iso7816::Tlv;
using iso7816::TlvReader;

namespace {

constexpr std::size_t operation_compute_signature = 1;
constexpr std::size_t operation_decipher = 5;

/// AlgorithmInfo. The parameters' type is open, so they are taken by position.
std::optional<AlgorithmInfo> parse_algorithm(const Tlv& sequence) {
    if (sequence.tag != tag::sequence)
        return std::nullopt;
    TlvReader fields(sequence.value);
    const auto reference = fields.next_if(tag::integer);
    const auto algorithm = fields.next_if(tag::integer);
    (void)fields.next(); // parameters
    const auto operations = fields.next_if(tag::bit_string);
    if (!reference || !algorithm)
        return std::nullopt;
    AlgorithmInfo info;
    info.reference = to_integer(reference->value).value_or(0);
    info.algorithm = to_integer(algorithm->value).value_or(0);
    info.deciphers = operations && BitString(operations->value).bit(operation_decipher);
    info.computes_signature = operations && BitString(operations->value).bit(operation_compute_signature);
    (void)fields.next_if(tag::oid);
    if (const auto algorithm_reference = fields.next_if(tag::integer))
        info.algorithm_reference = to_reference(algorithm_reference->value);
    return info;
}

std::vector<AlgorithmInfo> parse_algorithms(ByteView content) {
    std::vector<AlgorithmInfo> algorithms;
    TlvReader reader(content);
    while (const auto item = reader.next())
        if (const auto algorithm = parse_algorithm(*item))
            algorithms.push_back(*algorithm);
    return algorithms;
}

/// lastUpdate is [5], of a CHOICE, so constructed; older cards have the GeneralizedTime itself under the tag.
Bytes last_update_of(const Tlv& field) {
    if (field.constructed())
        if (const auto time = TlvReader(field.value).next())
            return to_bytes(time->value);
    return to_bytes(field.value);
}

bool is_ascii_alphanumeric(std::uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

} // namespace

std::optional<TokenInfo> parse_token_info(ByteView content) {
    const auto sequence = TlvReader(content).next_if(tag::sequence);
    if (!sequence)
        return std::nullopt;
    TokenInfo info;
    TlvReader fields(sequence->value);
    (void)fields.next_if(tag::integer); // version
    while (const auto field = fields.next()) {
        switch (field->tag) {
        case tag::octet_string:
            info.serial_number = to_bytes(field->value);
            break;
        case tag::utf8_string:
            info.manufacturer = to_text(field->value);
            break;
        case tag::context(0):
            info.label = to_text(field->value);
            break;
        case tag::context_constructed(2):
            info.supported_algorithms = parse_algorithms(field->value);
            break;
        case tag::context(5):
        case tag::context_constructed(5):
            info.last_update = last_update_of(*field);
            break;
        }
    }
    return info;
}

std::string serial_number_text(ByteView serial_number) {
    if (!serial_number.empty() && std::ranges::all_of(serial_number, is_ascii_alphanumeric))
        return to_string(serial_number);
    return to_hex(serial_number);
}

} // namespace digisign::card::pkcs15
