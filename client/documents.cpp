// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/documents.hpp"

#include "common/names.hpp"

#include <utility>

namespace digisign::client {

namespace {

Dictionary to_dictionary(const SignPdfOptions& options) {
    Dictionary dictionary;
    for (const auto& [key, value] :
         {std::pair("certificate", &options.certificate), std::pair("reason", &options.reason),
          std::pair("location", &options.location), std::pair("contact", &options.contact),
          std::pair("name", &options.name), std::pair("document", &options.document),
          std::pair("agent", &options.agent), std::pair("password", &options.password)})
        if (!value->empty())
            dictionary.emplace(key, *value);
    return dictionary;
}

} // namespace

SignedPdf sign_pdf(Connection& session, int input, int output, const SignPdfOptions& options,
                   std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    Message request =
        session.new_call(names::documents_bus, names::documents_root, names::documents_interface, "SignPdf");
    request.append_descriptor(input);
    request.append_descriptor(output);
    request.append(to_dictionary(options));
    const Dictionary results = run_job(
        session, {.service = names::documents_bus,
                  .request = std::move(request),
                  .description = "signing " + (options.document.empty() ? "the document" : options.document),
                  .on_status = std::move(on_status),
                  .cancel = cancel});
    return {.certificate = value_or<ObjectPath>(results, "certificate", {}).text,
            .signer = value_or<std::string>(results, "signer", ""),
            .field = value_or<std::string>(results, "field", ""),
            .size = value_or<std::uint64_t>(results, "size", 0)};
}

} // namespace digisign::client
