// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Job

#include "daemon/bus/endpoint.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

namespace digisign::bus {

namespace {

using core::Job;

std::string_view kind(const Job& job) {
    return job.kind();
}
std::string_view state(const Job& job) {
    return core::name_of(job.state());
}
std::string_view waiting_for(const Job& job) {
    return core::name_of(job.waiting_for());
}
double progress(const Job&) {
    return -1;
} // a person and a card: nobody can tell

void method_cancel(Endpoint& endpoint, Job& job, sd_bus_message* message) {
    if (endpoint.client_of(message) != job.request().client)
        throw Error(ErrorCode::AccessDenied, "only the program that started a job may cancel it");
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
    job.cancel(Error(ErrorCode::Cancelled, "cancelled"));
}

} // namespace

const sd_bus_vtable job_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Job, method_cancel>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("Finished", SD_BUS_ARGS("s", outcome, "a{sv}", results), 0),
    SD_BUS_PROPERTY("Kind", "s", (property_getter<Job, kind>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", (property_getter<Job, state>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("WaitingFor", "s", (property_getter<Job, waiting_for>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Progress", "d", (property_getter<Job, progress>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
