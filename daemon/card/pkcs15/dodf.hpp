// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.DCOD, the data container objects (ISO 7816-15 section 8.8); PKCS#15 calls it EF.DODF.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/pkcs15/object.hpp"

#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

struct DataObject {
    CommonAttributes common;
    std::string application;
    Bytes object_id; ///< DER of an OBJECT IDENTIFIER; may be empty
    ObjectValue value;
};

/// Opaque objects; others are left out.
std::vector<DataObject> parse_dodf(ByteView content, std::vector<std::string>& warnings);

} // namespace digisign::card::pkcs15
