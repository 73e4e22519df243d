// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/job_starter.hpp"

#include "common/log.hpp"
#include "common/names.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/core/names.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace digisign::bus {

namespace {

std::string path_of(const Endpoint& endpoint, const core::Job& job) {
    const core::JobRequest& request = job.request();
    return object_path::of_job(endpoint.sender_element(request.client), request.client_handle);
}

void emit_changed(const Endpoint& endpoint, const core::Job& job) {
    const int result = sd_bus_emit_properties_changed(endpoint.bus(), path_of(endpoint, job).c_str(),
                                                      names::job_interface, "State", "WaitingFor", nullptr);
    if (result < 0 && result != -ENOTCONN)
        log::warning(error_from_errno(-result, "cannot report a job's progress").what());
}

void append_result(sd_bus_message* message, const core::JobRequest& request, const core::JobResult& result) {
    if (const auto* work = std::get_if<core::SignWork>(&request.work)) {
        if (work->kind == core::SignWork::Kind::One)
            append_entry(message, "signature", "ay", result.signatures.at(0));
        else if (work->kind == core::SignWork::Kind::Batch)
            append_entry(message, "signatures", "aay", result.signatures);
    }
    if (std::holds_alternative<core::SetPinWork>(request.work) ||
        std::holds_alternative<core::ActivateWork>(request.work))
        append_entry(message, "warnings", "as", result.warnings);
}

void emit_finished(const Endpoint& endpoint, const core::Job& job, const core::JobOutcome& outcome) {
    const core::ClientId client = job.request().client;
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_signal(endpoint.bus(), &raw, path_of(endpoint, job).c_str(),
                                           names::job_interface, "Finished"),
                 "cannot report a job's result");
    const sdbus::MessagePtr message(raw);
    if (const char* destination = endpoint.destination(client))
        sdbus::check(sd_bus_message_set_destination(raw, destination), "cannot report a job's result");
    append_value(raw, core::name_of(outcome.kind));
    sdbus::check(sd_bus_message_open_container(raw, 'a', "{sv}"), "cannot report a job's result");
    if (outcome.error) {
        append_entry(raw, "error", "s", error_dbus_name(outcome.error->code()));
        append_entry(raw, "message", "s", std::string(outcome.error->what()));
    }
    if (outcome.tries_left)
        append_entry(raw, "tries-left", "u", static_cast<std::uint32_t>(*outcome.tries_left));
    if (outcome.kind == core::JobOutcome::Kind::Done)
        append_result(raw, job.request(), outcome.result);
    sdbus::check(sd_bus_message_close_container(raw), "cannot report a job's result");
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), "cannot report a job's result");
}

} // namespace

Options read_job_options(sd_bus_message* message, std::initializer_list<Options::Known> own) {
    std::vector<Options::Known> known = {
        {"agent", Options::Type::Text}, {"handle", Options::Type::Text}, {"requester", Options::Type::Text}};
    known.insert(known.end(), own);
    return Options::read(message, known);
}

void start_job(Endpoint& endpoint, sd_bus_message* message, const Options& options, core::JobRequest request,
               bool may_ask) {
    Core& core = endpoint.core();
    request.client = endpoint.client_of(message);
    request.client_handle = options.text("handle");
    request.requester_claims = options.text("requester");
    try {
        request.agent = core.agents.choose(options.text("agent"), request.client);
    } catch (const Error&) {
        if (may_ask)
            throw;
    }

    core::Job::Callbacks callbacks;
    callbacks.changed = [&endpoint](const core::Job& job) { emit_changed(endpoint, job); };
    callbacks.finished = [&endpoint](core::Job& job, const core::JobOutcome& outcome) {
        try {
            emit_finished(endpoint, job, outcome);
        } catch (const Error& error) {
            log::debug(error.what()); // the creator has hung up
        }
    };
    const std::shared_ptr<core::Job> job = core.jobs.create(std::move(request), std::move(callbacks));
    // The answer goes out first: a job may finish as soon as it starts, and its creator has to know the path
    // by then.
    sdbus::check(sd_bus_reply_method_return(message, "o", path_of(endpoint, *job).c_str()), "cannot answer");
    endpoint.identify(job->request().client, [weak = std::weak_ptr(job)](const core::Requester& requester) {
        if (const auto waiting = weak.lock())
            waiting->start(requester);
    });
}

} // namespace digisign::bus
