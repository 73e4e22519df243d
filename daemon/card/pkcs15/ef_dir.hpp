// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.DIR, the applications of a card (ISO 7816-4 section 12.2.3 and ISO 7816-15 section 5.5).

#pragma once

#include "common/bytes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

/// An application template (tag 61).
struct ApplicationTemplate {
    Bytes aid;
    std::string label;
    /// Of its DF, from the MF; empty where it is selected by its AID only.
    Bytes path;
    /// EF.OD and EF.CIAInfo where they are not in their usual places.
    std::optional<Bytes> odf_path;
    std::optional<Bytes> token_info_path;
};

/// Templates that cannot be read are skipped.
std::vector<ApplicationTemplate> parse_ef_dir(ByteView content);

} // namespace digisign::card::pkcs15
