// SPDX-License-Identifier: LGPL-2.1-or-later
// The password of an encrypted document. It guards the document, not a key: it may be kept and copied like
// any text.

#pragma once

#include <string>

namespace digisign::cli {

/// One line of the descriptor, without its end. Throws Error(InvalidArgument) if the descriptor cannot be
/// read, the line is empty, or longer than any password of a PDF (127 octets, ISO 32000-2 section 7.6.4.3.3).
std::string read_document_password(int fd);

} // namespace digisign::cli
