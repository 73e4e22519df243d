// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs of keys: org.digisign.DigiSign1.Key. Each blocks until it is done or `cancel` says so (then throws
// Cancelled); on a worker thread it needs a connection and loop of its own.

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/job.hpp"
#include "client/request_options.hpp"
#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <functional>
#include <string>
#include <vector>

namespace digisign::client {

/// Signs `data`, the digest that `mechanism` names, with the key at `key_path`. Returns RSA: octets as long
/// as the modulus; EC: r and s, each as long as the field.
Bytes sign(Connection& session, const std::string& key_path, const SignatureMechanism& mechanism,
           ByteView data, const RequestOptions& options, std::function<void(const JobStatus&)> on_status = {},
           CancelToken* cancel = nullptr);

/// Signs several documents with one entry of the PIN; the person sees the list before. Returns a signature
/// per item, as sign() does.
std::vector<Bytes> sign_batch(Connection& session, const std::string& key_path,
                              const SignatureMechanism& mechanism, const std::vector<BatchItem>& items,
                              const RequestOptions& options,
                              std::function<void(const JobStatus&)> on_status = {},
                              CancelToken* cancel = nullptr);

/// Signs random bytes and checks the signature with the key's certificate. Throws Error(SignatureInvalid) if
/// they do not belong together, CertificateNotFound.
void test_key(Connection& session, const std::string& key_path, const RequestOptions& options,
              std::function<void(const JobStatus&)> on_status = {}, CancelToken* cancel = nullptr);

} // namespace digisign::client
