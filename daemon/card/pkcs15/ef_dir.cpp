// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/ef_dir.hpp"

#include "daemon/card/pkcs15/der_value.hpp"
#include "daemon/card/pkcs15/path.hpp"
#include "daemon/iso7816/ber_tlv.hpp"

namespace digisign::card::pkcs15 {

namespace {

constexpr std::uint32_t tag_application_template = 0x61;
constexpr std::uint32_t tag_aid = 0x4F;
constexpr std::uint32_t tag_label = 0x50;
constexpr std::uint32_t tag_path = 0x51;
constexpr std::uint32_t tag_discretionary = 0x73;

std::optional<Bytes> identifiers_of(const std::optional<iso7816::Tlv>& sequence) {
    const auto path = sequence ? parse_path(*sequence) : std::nullopt;
    return path ? std::optional(path->identifiers) : std::nullopt;
}

/// CIODDO of ISO 7816-15 section 5.5.2.
void parse_discretionary(ByteView content, ApplicationTemplate& application) {
    iso7816::TlvReader fields(content);
    (void)fields.next_if(tag::oid); // provider
    application.odf_path = identifiers_of(fields.next_if(tag::sequence));
    if (const auto token_info = fields.next_if(tag::context_constructed(0)))
        if (const auto identifiers = iso7816::find_tlv(token_info->value, tag::octet_string))
            application.token_info_path = to_bytes(identifiers->value);
}

} // namespace

std::vector<ApplicationTemplate> parse_ef_dir(ByteView content) {
    std::vector<ApplicationTemplate> applications;
    iso7816::TlvReader reader(content);
    while (const auto record = reader.next()) {
        const auto aid = record->tag == tag_application_template ? iso7816::find_tlv(record->value, tag_aid)
                                                                 : std::nullopt;
        if (!aid)
            continue;
        ApplicationTemplate application;
        application.aid = to_bytes(aid->value);
        if (const auto label = iso7816::find_tlv(record->value, tag_label))
            application.label = to_text(label->value);
        if (const auto path = iso7816::find_tlv(record->value, tag_path))
            application.path = to_bytes(path->value);
        if (const auto discretionary = iso7816::find_tlv(record->value, tag_discretionary))
            parse_discretionary(discretionary->value, application);
        applications.push_back(std::move(application));
    }
    return applications;
}

} // namespace digisign::card::pkcs15
