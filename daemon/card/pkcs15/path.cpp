// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/path.hpp"

#include "daemon/card/pkcs15/der_value.hpp"

namespace digisign::card::pkcs15 {

namespace {

bool starts_at_mf(ByteView path) {
    return path.size() >= 2 && path[0] == 0x3F && path[1] == 0x00;
}

} // namespace

std::optional<Path> parse_path(const iso7816::Tlv& sequence) {
    if (sequence.tag != tag::sequence)
        return std::nullopt;
    iso7816::TlvReader fields(sequence.value);
    const auto identifiers = fields.next_if(tag::octet_string);
    // 16 bytes are the deepest path any card has; an odd number is not made of file identifiers.
    if (!identifiers || identifiers->value.empty() || identifiers->value.size() % 2 != 0 ||
        identifiers->value.size() > 16)
        return std::nullopt;
    Path path{to_bytes(identifiers->value), 0, std::nullopt};
    if (const auto index = fields.next_if(tag::integer))
        path.offset = to_size(index->value).value_or(0);
    if (const auto length = fields.next_if(tag::context(0)))
        path.length = to_size(length->value);
    return path;
}

Bytes absolute_path(ByteView application, ByteView path) {
    if (starts_at_mf(path))
        return to_bytes(path);
    Bytes absolute = to_bytes(application);
    append(absolute, path);
    return absolute;
}

} // namespace digisign::card::pkcs15
