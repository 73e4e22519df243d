// SPDX-License-Identifier: LGPL-2.1-or-later
// What all objects of ISO 7816-15 have in common (sections 8.2.7 and 8.2.8).

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/pkcs15/path.hpp"
#include "daemon/iso7816/ber_tlv.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::card::pkcs15 {

/// CommonObjectAttributes.
struct CommonAttributes {
    std::string label;
    bool is_private = false; ///< cannot be read without a PIN
    /// The authentication object that guards this one, or for a PIN, its PUK. Taken from accessControlRules
    /// where the field of that name is missing.
    Bytes auth_id;
    /// How often the PIN may be used before it must be presented again; 1 is every time.
    std::optional<std::size_t> user_consent;
};

/// The parts of an object: CommonObjectAttributes, class attributes and, inside [1], type attributes. The
/// subclass attributes ([0]) hold nothing of use.
struct ObjectParts {
    CommonAttributes common;
    ByteView class_attributes;
    ByteView type;            ///< all that is inside [1]
    ByteView type_attributes; ///< the content of the SEQUENCE that it nearly always is
};

/// Empty if a part is missing.
std::optional<ObjectParts> split_object(const iso7816::Tlv& object);

/// ObjectValue: in a file, or in the directory itself ([0] direct).
struct ObjectValue {
    std::optional<Path> path;
    Bytes direct;
};

std::optional<ObjectValue> parse_object_value(ByteView type_attributes);

/// Calls `parse` for every object of a directory file. An object for which it returns false, and bytes that
/// are no object at all, become a warning. One object that cannot be read never hides the others.
void for_each_object(ByteView directory, std::string_view directory_name, std::vector<std::string>& warnings,
                     const std::function<bool(const iso7816::Tlv&)>& parse);

} // namespace digisign::card::pkcs15
