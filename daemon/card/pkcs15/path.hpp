// SPDX-License-Identifier: LGPL-2.1-or-later
// Path of ISO 7816-15 section 8.2.5: where an object lies.

#pragma once

#include "common/bytes.hpp"
#include "daemon/iso7816/ber_tlv.hpp"

#include <cstddef>
#include <optional>

namespace digisign::card::pkcs15 {

struct Path {
    /// File identifiers, two bytes each: from the MF if the first is 3F00, else from the application's DF.
    Bytes identifiers;
    std::size_t offset = 0;
    /// Empty: to the end of the file.
    std::optional<std::size_t> length;

    bool operator==(const Path&) const = default;
};

/// From the SEQUENCE. Empty if it is none, or does not name a file.
std::optional<Path> parse_path(const iso7816::Tlv& sequence);

/// `path` from the MF, with the leading 3F00; `application` is the application's DF in the same form.
Bytes absolute_path(ByteView application, ByteView path);

} // namespace digisign::card::pkcs15
