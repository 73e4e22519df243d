// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/key.hpp"

#include "common/names.hpp"

#include <utility>

namespace digisign::client {

namespace {

Dictionary to_dictionary(const RequestOptions& options) {
    Dictionary dictionary;
    for (const auto& [key, value] :
         {std::pair("agent", &options.agent), std::pair("document", &options.document),
          std::pair("requester", &options.requester)})
        if (!value->empty())
            dictionary.emplace(key, *value);
    return dictionary;
}

} // namespace

Bytes sign(Connection& session, const std::string& key_path, const SignatureMechanism& mechanism,
           ByteView data, const RequestOptions& options, std::function<void(const JobStatus&)> on_status,
           CancelToken* cancel) {
    Message request = session.new_call(names::daemon_bus, key_path, names::key_interface, "Sign");
    request.append(mechanism_name(mechanism));
    request.append(data);
    request.append(to_dictionary(options));
    const Dictionary results = run_job(session, {.service = names::daemon_bus,
                                                 .request = std::move(request),
                                                 .description = "signing",
                                                 .on_status = std::move(on_status),
                                                 .cancel = cancel});
    Bytes signature = value_or<Bytes>(results, "signature", {});
    if (signature.empty())
        throw Error(ErrorCode::Internal, "digisignd returned no signature");
    return signature;
}

void verify_pin(Connection& session, const std::string& pin_path, const RequestOptions& options,
                CancelToken* cancel) {
    Message request = session.new_call(names::daemon_bus, pin_path, names::pin_interface, "Verify");
    request.append(to_dictionary(options));
    run_job(session, {.service = names::daemon_bus,
                      .request = std::move(request),
                      .description = "verifying the PIN",
                      .cancel = cancel});
}

} // namespace digisign::client
