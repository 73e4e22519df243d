// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the arguments of org.digisign.Documents1.SignPdf.

#pragma once

#include "documents/sign_pdf_job.hpp"

#include <systemd/sd-bus.h>

namespace digisign::documents {

/// Throws Error(InvalidArgument): an option that does not exist, comes twice, is no text or is too long; an
/// output that is not an empty ordinary file open for reading and writing.
SignPdfRequest read_sign_pdf_call(sd_bus_message* call);

} // namespace digisign::documents
