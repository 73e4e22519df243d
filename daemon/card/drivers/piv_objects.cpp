// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/drivers/piv_objects.hpp"

#include "daemon/card/gzip.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/ber_tlv.hpp"

#include <algorithm>

namespace digisign::card::piv {

using iso7816::find_tlv;

namespace {

constexpr std::uint8_t tag_list = 0x5C;
constexpr std::uint8_t discretionary_data = 0x53;

// Of the objects for certificates.
constexpr std::uint8_t certificate = 0x70;
constexpr std::uint8_t certificate_info = 0x71;
constexpr std::uint8_t compressed = 0x01;

constexpr std::size_t certificate_size_max = 16 * 1024; // unpacked; what the card keeps is 3 KiB at most

constexpr std::uint8_t chuid_guid = 0x34;
constexpr std::uint8_t keys_with_certificates_on_card = 0xC1;
constexpr std::uint32_t pin_usage_policy = 0x5F2F;
constexpr std::size_t retired_keys_max = 20;

Bytes encode(ObjectTag tag) {
    const auto value = static_cast<std::uint32_t>(tag);
    if (value <= 0xFF)
        return {static_cast<std::uint8_t>(value)};
    return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
            static_cast<std::uint8_t>(value)};
}

} // namespace

std::optional<Bytes> read_object(Transaction& transaction, ObjectTag tag) {
    const iso7816::CommandApdu get_data{.ins = 0xCB,
                                        .p1 = 0x3F,
                                        .p2 = 0xFF,
                                        .data = iso7816::encode_tlv(tag_list, encode(tag)),
                                        .le = iso7816::CommandApdu::short_le_max};
    const auto response = transaction.transmit(get_data);
    if (response.status == iso7816::sw::file_not_found ||
        response.status == iso7816::sw::reference_data_not_found)
        return std::nullopt;
    expect_success(response, "give a data object");
    const auto wrapped = tag == ObjectTag::Discovery
                             ? find_tlv(response.data, static_cast<std::uint32_t>(tag))
                             : find_tlv(response.data, discretionary_data);
    // A card may answer for an object that it has but that nothing was written to.
    return wrapped && !wrapped->value.empty() ? std::optional(to_bytes(wrapped->value)) : std::nullopt;
}

Bytes wrap_object(ObjectTag tag, ByteView content) {
    const std::uint8_t wrapping =
        tag == ObjectTag::Discovery ? static_cast<std::uint8_t>(tag) : discretionary_data;
    return iso7816::encode_tlv(wrapping, content);
}

std::optional<Bytes> certificate_in(ByteView object, const std::string& name,
                                    std::vector<std::string>& warnings) {
    const auto content = find_tlv(object, certificate);
    if (!content) {
        warnings.push_back(name + ": there is no certificate in the data object");
        return std::nullopt;
    }
    const auto info = find_tlv(object, certificate_info);
    if (!info || info->value.empty() || (info->value[0] & compressed) == 0)
        return to_bytes(content->value);
    auto unpacked = decompress(content->value, certificate_size_max);
    if (!unpacked)
        warnings.push_back(name + ": the compressed certificate cannot be unpacked");
    return unpacked;
}

Bytes guid_in(ByteView chuid) {
    const auto guid = find_tlv(chuid, chuid_guid);
    const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
    return guid && !std::ranges::all_of(guid->value, is_zero) ? to_bytes(guid->value) : Bytes{};
}

std::size_t retired_keys_in(ByteView key_history) {
    const auto count = find_tlv(key_history, keys_with_certificates_on_card);
    if (!count || count->value.size() != 1)
        return 0;
    return std::min<std::size_t>(count->value[0], retired_keys_max);
}

bool prefers_global_pin(ByteView discovery) {
    constexpr std::uint8_t global_pin_may_be_used = 0x20;
    constexpr std::uint8_t global_pin_comes_first = 0x20;
    const auto policy = find_tlv(discovery, pin_usage_policy);
    return policy && policy->value.size() == 2 && (policy->value[0] & global_pin_may_be_used) != 0 &&
           policy->value[1] == global_pin_comes_first;
}

} // namespace digisign::card::piv
