// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole of signing one PDF: prepare the document, have a card sign the digest, embed, check.

#pragma once

#include "common/unique_fd.hpp"
#include "documents/job_table.hpp"

#include <string>

namespace digisign::documents {

/// Arguments of org.digisign.Documents1.SignPdf; a text that is empty was not given.
struct SignPdfRequest {
    UniqueFd input;
    UniqueFd output;
    std::string certificate;
    std::string reason;
    std::string location;
    std::string contact;
    std::string name;
    std::string document;
    std::string password; ///< of the document
    std::string agent;
    std::string handle;
    std::string caller; ///< unique name on the session bus
};

/// Runs on a worker thread, with a connection to the session bus of its own. Returns the results that the XML
/// of SignPdf promises. Throws Error, and then has emptied the output.
client::Dictionary sign_pdf(const SignPdfRequest& request, JobControl& control);

} // namespace digisign::documents
