// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/pkcs15/application.hpp"

#include "common/error.hpp"
#include "daemon/card/pkcs15/der_value.hpp"
#include "daemon/card/pkcs15/ef_dir.hpp"
#include "daemon/card/pkcs15/odf.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/aid.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>

namespace digisign::card::pkcs15 {

using iso7816::SelectAnswer;
using iso7816::SelectBy;

namespace {

/// Directory and certificate files that are followed; a card that names more is defective.
constexpr std::size_t directories_max = 16;
constexpr std::size_t certificates_max = 32;
constexpr std::size_t data_objects_max = 32;

constexpr std::uint8_t mf_identifier[] = {0x3F, 0x00};
constexpr std::uint8_t ef_dir_path[] = {0x2F, 0x00};

bool is_pkcs15(ByteView aid) {
    return aid.size() >= iso7816::aid_pkcs15.size() &&
           std::ranges::equal(aid.first(iso7816::aid_pkcs15.size()), iso7816::aid_pkcs15);
}

std::optional<FileControl> select_path(Transaction& transaction, const Location& location, ByteView path) {
    const bool from_mf = path.size() >= 2 && std::ranges::equal(path.first(2), mf_identifier);
    if (from_mf || !location.path.empty()) {
        const Bytes absolute = absolute_path(location.path, path);
        return select_file(transaction, iso7816::select(SelectBy::PathFromMf, ByteView(absolute).subspan(2),
                                                        SelectAnswer::Fci));
    }
    // The application is known by its name only: paths go from its DF, to which the last file selected is no
    // hindrance.
    if (!select(transaction, location))
        return std::nullopt;
    return select_file(transaction, iso7816::select(SelectBy::PathFromCurrentDf, path, SelectAnswer::Fci));
}

/// The bytes a Path names; empty if there is no such file.
std::optional<Bytes> read_path(Transaction& transaction, BinaryReader& reader, const Location& location,
                               const Path& path) {
    const auto control = select_path(transaction, location, path.identifiers);
    if (!control)
        return std::nullopt;
    if (path.length)
        return reader.read(path.offset, *path.length);
    if (path.offset != 0)
        return reader.read(path.offset, control->size.value_or(file_size_max));
    return reader.read_file(*control);
}

/// Runs a read that the card may refuse at the cost of no more than a warning. Other faults (card gone, mute
/// …) go on up.
template <typename Read>
auto read_leniently(Objects& objects, const std::string& what, Read read) -> decltype(read()) {
    try {
        if (auto result = read())
            return result;
        objects.warnings.push_back(what + " is missing");
    } catch (const StatusError& error) {
        objects.warnings.push_back(what + " cannot be read: " + error.what());
        objects.complete = false;
    }
    return std::nullopt;
}

std::string directory_name(DirectoryKind kind) {
    switch (kind) {
    case DirectoryKind::PrivateKeys:
        return "EF.PrKD";
    case DirectoryKind::PublicKeys:
    case DirectoryKind::TrustedPublicKeys:
        return "EF.PuKD";
    case DirectoryKind::Certificates:
    case DirectoryKind::TrustedCertificates:
    case DirectoryKind::UsefulCertificates:
        return "EF.CD";
    case DirectoryKind::DataObjects:
        return "EF.DCOD";
    case DirectoryKind::AuthenticationObjects:
        return "EF.AOD";
    case DirectoryKind::SecretKeys:
        break;
    }
    return {}; // nothing in them is of use here
}

void read_certificate(Transaction& transaction, BinaryReader& reader, const Location& location,
                      CertificateObject object, Objects& objects) {
    Bytes der = object.value.direct;
    if (object.value.path) {
        const auto content = read_leniently(
            objects, "certificate \"" + object.common.label + "\"", [&]() -> std::optional<Bytes> {
                const Path& path = *object.value.path;
                if (path.length || path.offset != 0)
                    return read_path(transaction, reader, location, path);
                const auto control = select_path(transaction, location, path.identifiers);
                return control ? std::optional(reader.read_der_file(*control)) : std::nullopt;
            });
        if (!content)
            return;
        der = *content;
    }
    objects.certificates.push_back({std::move(object), std::move(der)});
}

void read_data(Transaction& transaction, BinaryReader& reader, const Location& location, DataObject object,
               Objects& objects) {
    Bytes value = object.value.direct;
    if (object.value.path) {
        auto content = read_leniently(objects, "data object \"" + object.common.label + "\"", [&] {
            return read_path(transaction, reader, location, *object.value.path);
        });
        if (!content)
            return;
        value = std::move(*content);
    }
    objects.data_objects.push_back({std::move(object), std::move(value)});
}

/// Found in the directories, to be read after them.
struct Found {
    std::vector<CertificateObject> certificates;
    std::vector<DataObject> data_objects;
};

void parse_directory(DirectoryKind kind, ByteView content, Objects& objects, Found& found) {
    const auto add = [](auto& target, auto items) { std::ranges::move(items, std::back_inserter(target)); };
    switch (kind) {
    case DirectoryKind::PrivateKeys:
        add(objects.private_keys, parse_prkdf(content, objects.warnings));
        break;
    case DirectoryKind::PublicKeys:
    case DirectoryKind::TrustedPublicKeys:
        add(objects.public_keys, parse_pukdf(content, objects.warnings));
        break;
    case DirectoryKind::Certificates:
        add(found.certificates, parse_cdf(content, objects.warnings));
        break;
    case DirectoryKind::TrustedCertificates:
    case DirectoryKind::UsefulCertificates: {
        auto others = parse_cdf(content, objects.warnings);
        for (CertificateObject& certificate : others)
            certificate.authority = true;
        add(found.certificates, std::move(others));
        break;
    }
    case DirectoryKind::DataObjects:
        add(found.data_objects, parse_dodf(content, objects.warnings));
        break;
    case DirectoryKind::AuthenticationObjects:
        add(objects.pins, parse_aodf(content, objects.warnings));
        break;
    case DirectoryKind::SecretKeys:
        break;
    }
}

} // namespace

Location default_location() {
    return {.aid = to_bytes(ByteView(iso7816::aid_pkcs15)), .path = {0x3F, 0x00, 0x50, 0x15}};
}

bool select(Transaction& transaction, const Location& location) {
    const bool by_name = !location.aid.empty();
    const ByteView name = by_name ? ByteView(location.aid) : ByteView(location.path).subspan(2);
    return select_file(transaction, iso7816::select(by_name ? SelectBy::DfName : SelectBy::PathFromMf, name,
                                                    SelectAnswer::None))
        .has_value();
}

std::optional<Location> locate(Transaction& transaction) {
    Objects ignored; // a card without EF.DIR is nothing unusual
    BinaryReader reader(transaction);
    const auto directory = read_leniently(ignored, "EF.DIR", [&]() -> std::optional<Bytes> {
        const auto control =
            select_file(transaction, iso7816::select(SelectBy::PathFromMf, ef_dir_path, SelectAnswer::Fci));
        return control ? std::optional(reader.read_file(*control)) : std::nullopt;
    });
    Location location = default_location();
    for (const ApplicationTemplate& application : parse_ef_dir(directory.value_or(Bytes{}))) {
        if (!is_pkcs15(application.aid))
            continue;
        location.aid = application.aid;
        if (application.path.size() % 2 == 0 && application.path.size() > 2)
            location.path = absolute_path(mf_identifier, application.path);
        location.odf_path = application.odf_path.value_or(location.odf_path);
        location.token_info_path = application.token_info_path.value_or(location.token_info_path);
        break;
    }
    const auto is_there = [&](const Location& candidate) {
        return read_leniently(ignored, "the application",
                              [&]() -> std::optional<bool> {
                                  return select(transaction, candidate) &&
                                                 select_path(transaction, candidate, candidate.odf_path)
                                             ? std::optional(true)
                                             : std::nullopt;
                              })
            .has_value();
    };
    for (const bool with_aid : {true, false})
        for (const bool with_path : {true, false}) {
            if (!with_aid && !with_path)
                continue;
            Location candidate = location;
            if (!with_aid)
                candidate.aid.clear();
            if (!with_path)
                candidate.path.clear();
            if (is_there(candidate))
                return candidate;
        }
    return std::nullopt;
}

void read_token_info(Transaction& transaction, BinaryReader& reader, const Location& location,
                     Objects& objects) {
    const auto info = read_leniently(objects, "EF.CIAInfo", [&]() -> std::optional<TokenInfo> {
        const auto control = select_path(transaction, location, location.token_info_path);
        return control ? parse_token_info(reader.read_file(*control)) : std::nullopt;
    });
    objects.token_info = info.value_or(TokenInfo{});
}

void read_directories(Transaction& transaction, BinaryReader& reader, const Location& location,
                      Objects& objects) {
    // Nothing is found without it, so its refusal is the card's.
    const auto odf = read_path(transaction, reader, location, {location.odf_path, 0, std::nullopt});
    auto entries = parse_odf(odf.value_or(Bytes{}), objects.warnings);
    if (entries.empty())
        throw Error(ErrorCode::CardDataInvalid,
                    "the card's directory of objects (EF.OD) is empty or damaged");
    if (entries.size() > directories_max)
        entries.erase(entries.begin() + directories_max, entries.end());

    Found found;
    for (const DirectoryEntry& entry : entries) {
        const std::string name = directory_name(entry.kind);
        if (name.empty())
            continue;
        if (!entry.path) {
            parse_directory(entry.kind, entry.objects, objects, found);
            continue;
        }
        const auto content = read_leniently(
            objects, name, [&] { return read_path(transaction, reader, location, *entry.path); });
        if (content)
            parse_directory(entry.kind, *content, objects, found);
    }
    found.certificates.resize(std::min(found.certificates.size(), certificates_max));
    for (CertificateObject& certificate : found.certificates)
        read_certificate(transaction, reader, location, std::move(certificate), objects);
    std::erase_if(found.data_objects, [](const DataObject& object) { return object.common.is_private; });
    found.data_objects.resize(std::min(found.data_objects.size(), data_objects_max));
    for (DataObject& object : found.data_objects)
        read_data(transaction, reader, location, std::move(object), objects);

    if (objects.pins.empty() && objects.private_keys.empty() && objects.certificates.empty()) {
        const std::string detail = objects.warnings.empty() ? "" : ": " + objects.warnings.front();
        throw Error(ErrorCode::CardDataInvalid,
                    "the card holds no PIN, key or certificate that can be read" + detail);
    }
}

} // namespace digisign::card::pkcs15
