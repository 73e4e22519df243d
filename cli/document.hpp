// SPDX-License-Identifier: LGPL-2.1-or-later
// The files that are named on the command line of `sign`.

#pragma once

#include "common/unique_fd.hpp"

#include <string>

namespace digisign::cli {

struct InputDocument {
    UniqueFd fd;
    unsigned mode = 0; ///< permissions for the signed copy: those of the original, and the owner's own
};

/// Opens an ordinary, non-empty file without ever blocking. Throws Error InputNotFound, InputUnreadable,
/// InputNotRegularFile, InputEmpty.
InputDocument open_document(const std::string& path);

/// "contract-signed.pdf" beside "contract.pdf".
std::string default_output_path(const std::string& input_path);

/// The last element of a path as text for people, short enough for every service.
std::string document_name(const std::string& path);

} // namespace digisign::cli
