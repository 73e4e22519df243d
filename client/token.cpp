// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/token.hpp"

#include "common/names.hpp"

#include <utility>

namespace digisign::client {

std::vector<PinWarning> activate(Connection& session, const std::string& token_path,
                                 const RequestOptions& options,
                                 std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    Message request = session.new_call(names::daemon_bus, token_path, names::token_interface, "Activate");
    request.append(to_dictionary(options));
    return pin_warnings(run_job(session, {.service = names::daemon_bus,
                                          .request = std::move(request),
                                          .description = "activating the card",
                                          .on_status = std::move(on_status),
                                          .cancel = cancel}));
}

void refresh(Connection& session, const std::string& token_path) {
    (void)session.call(session.new_call(names::daemon_bus, token_path, names::token_interface, "Refresh"));
}

void log_out(Connection& session, const std::string& token_path) {
    (void)session.call(session.new_call(names::daemon_bus, token_path, names::token_interface, "Logout"));
}

} // namespace digisign::client
