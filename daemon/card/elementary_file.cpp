// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/elementary_file.hpp"

#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/ber_tlv.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>

namespace digisign::card {

using iso7816::ResponseApdu;

namespace {

constexpr std::uint32_t fcp_template = 0x62;
constexpr std::uint32_t fci_template = 0x6F;
constexpr std::uint32_t size_without_structure = 0x80; // ISO 7816-4 section 7.4.3
constexpr std::uint32_t size_with_structure = 0x81;    // what FINEID cards give

std::optional<std::size_t> parse_size(ByteView value) {
    if (value.empty() || value.size() > 4)
        return std::nullopt;
    std::size_t size = 0;
    for (const std::uint8_t byte : value)
        size = size << 8 | byte;
    return size;
}

/// Length of the DER object at the front, header included; empty if the header is not one.
std::optional<std::size_t> der_object_length(ByteView front) {
    if (front.size() < 2 || front[0] != 0x30)
        return std::nullopt;
    if (front[1] < 0x80)
        return 2u + front[1];
    const std::size_t count = front[1] & 0x7Fu;
    if (count == 0 || count > 2 || front.size() < 2 + count)
        return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i)
        length = length << 8 | front[2 + i];
    return 2 + count + length;
}

} // namespace

FileControl parse_file_control(ByteView answer) {
    iso7816::TlvReader reader(answer);
    const auto control = reader.next();
    if (!control || (control->tag != fcp_template && control->tag != fci_template))
        return {};
    for (const std::uint32_t tag : {size_without_structure, size_with_structure})
        if (const auto size = iso7816::find_tlv(control->value, tag))
            return {parse_size(size->value)};
    return {};
}

std::optional<FileControl> select_file(Transaction& transaction, const iso7816::CommandApdu& select) {
    const ResponseApdu response = transaction.transmit(select);
    // 6A88 is what old Setec organisation cards say of a missing file.
    if (response.status == iso7816::sw::file_not_found ||
        response.status == iso7816::sw::reference_data_not_found)
        return std::nullopt;
    expect_success(response, "select a file");
    return parse_file_control(response.data);
}

bool BinaryReader::read_some(std::size_t offset, std::size_t length, Bytes& content) {
    const std::size_t position = offset + content.size();
    if (content.size() >= length || position >= file_size_max)
        return false;
    const std::size_t wanted = std::min(length - content.size(), chunk_);
    const ResponseApdu response = transaction_.transmit(iso7816::read_binary(position, wanted));
    if (response.status == iso7816::sw::offset_outside_file)
        return false;
    const bool at_end = response.status == iso7816::sw::end_of_file;
    if (!at_end)
        expect_success(response, "read a file");
    if (response.data.empty())
        return false; // less than the card said there is
    if (!at_end && response.data.size() < wanted)
        chunk_ = response.data.size();
    append(content, ByteView(response.data).first(std::min(response.data.size(), wanted)));
    return !at_end;
}

Bytes BinaryReader::read(std::size_t offset, std::size_t length) {
    Bytes content;
    while (read_some(offset, length, content)) {
    }
    return content;
}

Bytes BinaryReader::read_file(const FileControl& control) {
    return read(0, control.size.value_or(file_size_max));
}

Bytes BinaryReader::read_der_file(const FileControl& control) {
    const std::size_t size = control.size.value_or(file_size_max);
    Bytes content;
    bool more = read_some(0, size, content);
    const std::size_t length = std::min(size, der_object_length(content).value_or(size));
    while (more)
        more = read_some(0, length, content);
    content.resize(std::min(content.size(), length));
    return content;
}

} // namespace digisign::card
