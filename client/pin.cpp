// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/pin.hpp"

#include "common/names.hpp"

#include <algorithm>
#include <utility>

namespace digisign::client {

namespace {

struct PinCall {
    const char* method;
    const char* description;
};

Dictionary run(Connection& session, const PinCall& call, const std::string& pin_path,
               const RequestOptions& options, std::function<void(const JobStatus&)> on_status,
               CancelToken* cancel) {
    Message request = session.new_call(names::daemon_bus, pin_path, names::pin_interface, call.method);
    request.append(to_dictionary(options));
    return run_job(session, {.service = names::daemon_bus,
                             .request = std::move(request),
                             .description = call.description,
                             .on_status = std::move(on_status),
                             .cancel = cancel});
}

} // namespace

std::vector<PinWarning> pin_warnings(const Dictionary& results) {
    const auto names = value_or<std::vector<std::string>>(results, "warnings", {});
    std::vector<PinWarning> warnings;
    for (const auto& [name, warning] :
         {std::pair("trivial-pin", PinWarning::Trivial), std::pair("same-pin", PinWarning::Same)})
        if (std::ranges::find(names, name) != names.end())
            warnings.push_back(warning);
    return warnings;
}

void verify_pin(Connection& session, const std::string& pin_path, const RequestOptions& options,
                std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    run(session, {"Verify", "checking the PIN"}, pin_path, options, std::move(on_status), cancel);
}

void log_in(Connection& session, const std::string& pin_path, const RequestOptions& options,
            std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    run(session, {"Login", "logging in"}, pin_path, options, std::move(on_status), cancel);
}

std::vector<PinWarning> change_pin(Connection& session, const std::string& pin_path,
                                   const RequestOptions& options,
                                   std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    return pin_warnings(
        run(session, {"Change", "changing the PIN"}, pin_path, options, std::move(on_status), cancel));
}

std::vector<PinWarning> unblock_pin(Connection& session, const std::string& pin_path,
                                    const RequestOptions& options,
                                    std::function<void(const JobStatus&)> on_status, CancelToken* cancel) {
    return pin_warnings(
        run(session, {"Unblock", "unblocking the PIN"}, pin_path, options, std::move(on_status), cancel));
}

} // namespace digisign::client
