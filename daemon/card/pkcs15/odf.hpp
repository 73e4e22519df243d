// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.OD, the directory of directories (ISO 7816-15 section 8.3).

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/pkcs15/path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

/// The context tags of CIOChoice.
enum class DirectoryKind : unsigned {
    PrivateKeys = 0,
    PublicKeys = 1,
    TrustedPublicKeys = 2,
    SecretKeys = 3,
    Certificates = 4,
    TrustedCertificates = 5,
    UsefulCertificates = 6,
    DataObjects = 7,
    AuthenticationObjects = 8,
};

struct DirectoryEntry {
    DirectoryKind kind;
    /// Where the objects are; empty if they stand in the entry itself.
    std::optional<Path> path;
    Bytes objects;
};

std::vector<DirectoryEntry> parse_odf(ByteView content, std::vector<std::string>& warnings);

} // namespace digisign::card::pkcs15
