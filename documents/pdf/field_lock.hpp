// SPDX-License-Identifier: LGPL-2.1-or-later
// Which fields a signature locks (ISO 32000-1 section 12.8.2.4 and table 233).

#pragma once

#include "documents/pdf/pdf_document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace digisign::documents {

/// From a signature field lock dictionary or the parameters of a FieldMDP transform, which share these
/// entries.
class FieldLock {
public:
    FieldLock(PdfDocument& document, QPDFObjectHandle dictionary);

    /// Whether the field with this fully qualified name must not change any more.
    bool covers(std::string_view name) const;

private:
    enum class Action { All, Include, Exclude };

    Action action_ = Action::All;
    std::vector<std::string> fields_;
};

} // namespace digisign::documents
