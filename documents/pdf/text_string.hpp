// SPDX-License-Identifier: LGPL-2.1-or-later
// Text and dates as PDF writes them.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace digisign::documents {

/// A text string (ISO 32000-1 section 7.9.2.2): ASCII as it is, everything else as UTF-16BE with a byte order
/// mark. Throws Error(InvalidArgument) naming `what` if the text is not UTF-8 or has control characters.
std::string pdf_text_string(std::string_view utf8, std::string_view what);

/// A date in UTC (ISO 32000-1 section 7.9.4): "D:20240131235959Z".
std::string pdf_date(std::chrono::sys_seconds time);

} // namespace digisign::documents
