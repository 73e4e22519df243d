// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/cryptoki_job.hpp"

#include "common/log.hpp"
#include "daemon/core/given_pins.hpp"

#include <utility>

namespace digisign::bus::cryptoki {

namespace {

void answer(sd_bus_message* call, const core::JobOutcome& outcome, const AppendResult& append) {
    constexpr std::string_view answering = "cannot answer";
    if (outcome.error) {
        const std::string name = error_dbus_name(outcome.error->code());
        const sd_bus_error error{name.c_str(), outcome.error->what(), 0};
        sdbus::check(sd_bus_reply_method_error(call, &error), answering);
        return;
    }
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_return(call, &raw), answering);
    const sdbus::MessagePtr reply(raw);
    append(raw, outcome.result);
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), answering);
}

} // namespace

std::shared_ptr<core::Agent> agent_for(PrivateEndpoint& endpoint, std::deque<PinValue> given) {
    if (!given.empty())
        return std::make_shared<core::GivenPins>(endpoint.core().loop, std::move(given));
    if (!endpoint.core().agents.default_available())
        return nullptr;
    return endpoint.core().agents.choose("", core::ClientId{});
}

void start_job(PrivateEndpoint& endpoint, sd_bus_message* message, core::JobRequest request,
               AppendResult append) {
    request.client = endpoint.client_of(message);
    core::Job::Callbacks callbacks;
    callbacks.changed = [](const core::Job&) {};
    callbacks.finished =
        [call = std::shared_ptr<sd_bus_message>(sd_bus_message_ref(message), sd_bus_message_unref),
         append = std::move(append)](core::Job&, const core::JobOutcome& outcome) {
            try {
                answer(call.get(), outcome, append);
            } catch (const Error& error) {
                log::debug(error.what()); // the caller has hung up
            }
        };
    const std::shared_ptr<core::Job> job =
        endpoint.core().jobs.create(std::move(request), std::move(callbacks));
    endpoint.identify(job->request().client,
                      [&job](const core::Requester& requester) { job->start(requester); });
}

} // namespace digisign::bus::cryptoki
