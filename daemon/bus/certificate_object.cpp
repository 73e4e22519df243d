// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Certificate

#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"

#include <chrono>

namespace digisign::bus {

namespace {

using core::Certificate;

std::int64_t unix_time(std::chrono::sys_seconds time) {
    return time.time_since_epoch().count();
}

std::string label(const Certificate& certificate) {
    return certificate.description.label;
}
Bytes id(const Certificate& certificate) {
    return certificate.description.id;
}
Bytes der(const Certificate& certificate) {
    return certificate.content.der();
}
std::string fingerprint(const Certificate& certificate) {
    return certificate.fingerprint;
}
std::string subject(const Certificate& certificate) {
    return certificate.content.subject();
}
std::string issuer(const Certificate& certificate) {
    return certificate.content.issuer();
}
std::string serial_number(const Certificate& certificate) {
    return certificate.content.serial_number();
}
std::int64_t not_before(const Certificate& certificate) {
    return unix_time(certificate.content.not_before());
}
std::int64_t not_after(const Certificate& certificate) {
    return unix_time(certificate.content.not_after());
}

std::vector<std::string_view> usage(const Certificate& certificate) {
    const crypto::CertificateKeyUsage& bits = certificate.content.key_usage();
    const std::pair<bool, std::string_view> named[] = {
        {bits.digital_signature, "digitalSignature"},
        {bits.non_repudiation, "nonRepudiation"},
        {bits.key_encipherment, "keyEncipherment"},
        {bits.data_encipherment, "dataEncipherment"},
        {bits.key_agreement, "keyAgreement"},
        {bits.key_cert_sign, "keyCertSign"},
        {bits.crl_sign, "cRLSign"},
    };
    std::vector<std::string_view> names;
    for (const auto& [set, name] : named)
        if (set)
            names.push_back(name);
    return names;
}

std::string email(const Certificate& certificate) {
    return certificate.content.email();
}
bool authority(const Certificate& certificate) {
    return certificate.description.authority;
}

ObjectPath key(const Certificate& certificate) {
    if (certificate.description.authority)
        return {"/"};
    const core::Key* key = certificate.token.find_key(certificate.description.id);
    return {key != nullptr ? object_path::of(*key) : "/"};
}

} // namespace

const sd_bus_vtable certificate_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Label", "s", (property_getter<Certificate, label>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Id", "ay", (property_getter<Certificate, id>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Der", "ay", (property_getter<Certificate, der>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Fingerprint", "s", (property_getter<Certificate, fingerprint>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Subject", "s", (property_getter<Certificate, subject>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Issuer", "s", (property_getter<Certificate, issuer>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("SerialNumber", "s", (property_getter<Certificate, serial_number>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("NotBefore", "x", (property_getter<Certificate, not_before>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("NotAfter", "x", (property_getter<Certificate, not_after>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Usage", "as", (property_getter<Certificate, usage>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Email", "s", (property_getter<Certificate, email>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Authority", "b", (property_getter<Certificate, authority>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Key", "o", (property_getter<Certificate, key>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
