// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs of keys and PINs.

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/job.hpp"
#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <functional>
#include <string>

namespace digisign::client {

/// What accompanies a request for a PIN; empty means not given. See the XML of Key.Sign.
struct RequestOptions {
    std::string agent{};     ///< id from AgentServer, or the id that a service's caller handed over
    std::string document{};  ///< name of the document, shown to the person
    std::string requester{}; ///< for whom a service asks, shown to the person
};

/// Signs `data`, the digest that `mechanism` names, with the key at `key_path`:
/// org.digisign.DigiSign1.Key.Sign. Blocks until it is done or `cancel` says so (then throws Cancelled); for
/// a worker thread, on a connection and loop of its own. Returns RSA: octets as long as the modulus; EC: r
/// and s, each as long as the field.
Bytes sign(Connection& session, const std::string& key_path, const SignatureMechanism& mechanism,
           ByteView data, const RequestOptions& options, std::function<void(const JobStatus&)> on_status = {},
           CancelToken* cancel = nullptr);

/// Has the PIN at `pin_path` asked and presented to the card; returns if it was right.
void verify_pin(Connection& session, const std::string& pin_path, const RequestOptions& options,
                CancelToken* cancel = nullptr);

} // namespace digisign::client
