// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls of org.digisign.DigiSign1.Token.

#pragma once

#include "client/cancel_token.hpp"
#include "client/connection.hpp"
#include "client/job.hpp"
#include "client/pin.hpp"
#include "client/request_options.hpp"

#include <functional>
#include <string>
#include <vector>

namespace digisign::client {

/// Sets the PINs of a new card that its holder has not set yet; as the functions of pin.hpp.
std::vector<PinWarning> activate(Connection& session, const std::string& token_path,
                                 const RequestOptions& options,
                                 std::function<void(const JobStatus&)> on_status = {},
                                 CancelToken* cancel = nullptr);

/// Has the tries left and the state of every PIN read anew, which takes a moment; no try is spent.
void refresh(Connection& session, const std::string& token_path);

/// Ends the logins of this connection on the card.
void log_out(Connection& session, const std::string& token_path);

} // namespace digisign::client
