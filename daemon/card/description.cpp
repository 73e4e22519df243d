// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/description.hpp"

#include <algorithm>

namespace digisign::card {

const PinDescription* CardDescription::find_pin(std::uint8_t reference) const {
    const auto found = std::ranges::find(pins, reference, &PinDescription::reference);
    return found == pins.end() ? nullptr : &*found;
}

const KeyDescription* CardDescription::find_key(ByteView id) const {
    const auto found =
        std::ranges::find_if(keys, [&](const KeyDescription& key) { return std::ranges::equal(key.id, id); });
    return found == keys.end() ? nullptr : &*found;
}

const CertificateDescription* CardDescription::find_certificate(ByteView id) const {
    const auto found = std::ranges::find_if(certificates, [&](const CertificateDescription& certificate) {
        return !certificate.authority && std::ranges::equal(certificate.id, id);
    });
    return found == certificates.end() ? nullptr : &*found;
}

void CardDescription::add_data_object(DataObjectDescription object) {
    std::size_t size = object.value.size();
    for (const DataObjectDescription& other : data_objects)
        size += other.value.size();
    if (size <= data_objects_size_max)
        data_objects.push_back(std::move(object));
    else
        warnings.push_back("the data object \"" + object.label + "\" is left out: there is too much of them");
}

} // namespace digisign::card
