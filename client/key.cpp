// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/key.hpp"

#include "common/names.hpp"

#include <algorithm>
#include <utility>

namespace digisign::client {

namespace {

Message new_key_call(Connection& session, const std::string& key_path, const char* method) {
    return session.new_call(names::daemon_bus, key_path, names::key_interface, method);
}

JobCall job_call(Message request, std::string description, std::function<void(const JobStatus&)> on_status,
                 CancelToken* cancel) {
    return {.service = names::daemon_bus,
            .request = std::move(request),
            .description = std::move(description),
            .on_status = std::move(on_status),
            .cancel = cancel};
}

} // namespace

Bytes sign(Connection& session, const std::string& key_path, const SignatureMechanism& mechanism,
           ByteView data, const RequestOptions& options, std::function<void(const JobStatus&)> on_status,
           CancelToken* cancel) {
    Message request = new_key_call(session, key_path, "Sign");
    request.append(mechanism_name(mechanism));
    request.append(data);
    request.append(to_dictionary(options));
    const Dictionary results =
        run_job(session, job_call(std::move(request), "signing", std::move(on_status), cancel));
    Bytes signature = value_or<Bytes>(results, "signature", {});
    if (signature.empty())
        throw Error(ErrorCode::Internal, "digisignd returned no signature");
    return signature;
}

std::vector<Bytes> sign_batch(Connection& session, const std::string& key_path,
                              const SignatureMechanism& mechanism, const std::vector<BatchItem>& items,
                              const RequestOptions& options, std::function<void(const JobStatus&)> on_status,
                              CancelToken* cancel) {
    Message request = new_key_call(session, key_path, "SignBatch");
    request.append(mechanism_name(mechanism));
    request.append(items);
    request.append(to_dictionary(options));
    const Dictionary results =
        run_job(session, job_call(std::move(request), "signing", std::move(on_status), cancel));
    auto signatures = value_or<std::vector<Bytes>>(results, "signatures", {});
    if (signatures.size() != items.size() || std::ranges::any_of(signatures, &Bytes::empty))
        throw Error(ErrorCode::Internal, "digisignd did not return one signature for each document");
    return signatures;
}

void test_key(Connection& session, const std::string& key_path, const RequestOptions& options,
              std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    Message request = new_key_call(session, key_path, "Test");
    request.append(to_dictionary(options));
    (void)run_job(session, job_call(std::move(request), "testing the key", std::move(on_status), cancel));
}

} // namespace digisign::client
