// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/odf.hpp"

#include "daemon/card/pkcs15/der_value.hpp"
#include "daemon/card/pkcs15/object.hpp"

namespace digisign::card::pkcs15 {

std::vector<DirectoryEntry> parse_odf(ByteView content, std::vector<std::string>& warnings) {
    std::vector<DirectoryEntry> entries;
    for_each_object(content, "EF.OD", warnings, [&](const iso7816::Tlv& choice) {
        const std::uint32_t number = choice.tag - tag::context_constructed(0);
        if (choice.tag < tag::context_constructed(0) ||
            number > static_cast<unsigned>(DirectoryKind::AuthenticationObjects))
            return false;
        DirectoryEntry entry{static_cast<DirectoryKind>(number), std::nullopt, {}};
        iso7816::TlvReader reader(choice.value);
        const auto path_or_objects = reader.next();
        if (!path_or_objects)
            return false;
        if (path_or_objects->tag == tag::context_constructed(0))
            entry.objects = to_bytes(path_or_objects->value);
        else
            entry.path = parse_path(*path_or_objects);
        if (!entry.path && entry.objects.empty())
            return false;
        entries.push_back(std::move(entry));
        return true;
    });
    return entries;
}

} // namespace digisign::card::pkcs15
