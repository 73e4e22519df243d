// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs of the document service.

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/job.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace digisign::client {

/// Options of org.digisign.Documents1.SignPdf; empty means not given.
struct SignPdfOptions {
    std::string certificate{};
    std::string reason{};
    std::string location{};
    std::string contact{};
    std::string name{};
    std::string document{};
    std::string password{}; ///< of the document, where it has one
    std::string agent{};
};

struct SignedPdf {
    std::string certificate; ///< object path
    std::string signer;      ///< common name
    std::string field;
    std::uint64_t size = 0;
};

/// `input` is open for reading, `output` an empty file open for reading and writing.
SignedPdf sign_pdf(Connection& session, int input, int output, const SignPdfOptions& options,
                   std::function<void(const JobStatus&)> on_status = {}, CancelToken* cancel = nullptr);

} // namespace digisign::client
