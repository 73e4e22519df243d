// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/job.hpp"

#include "common/names.hpp"
#include "documents/vtables.hpp"

#include <string_view>
#include <utility>

namespace digisign::documents {

namespace {

std::string_view name_of(client::JobWait waiting_for) {
    switch (waiting_for) {
    case client::JobWait::None:
        return "none";
    case client::JobWait::Pin:
        return "pin";
    case client::JobWait::PinPad:
        return "pinpad";
    case client::JobWait::Consent:
        return "consent";
    case client::JobWait::Card:
        return "card";
    }
    return {};
}

std::pair<const char*, client::Dictionary> finished_arguments(const JobOutcome& outcome) {
    if (const auto* results = std::get_if<client::Dictionary>(&outcome))
        return {"done", *results};
    const Error& error = std::get<Error>(outcome);
    if (error.code() == ErrorCode::Cancelled)
        return {"cancelled", {}};
    return {"failed", {{"error", error_dbus_name(error.code())}, {"message", std::string(error.what())}}};
}

} // namespace

Job::Job(sd_bus_message* call, std::string path, const char* kind, Callbacks callbacks)
    : bus_(::sd_bus_message_get_bus(call)),
      path_(std::move(path)),
      creator_(::sd_bus_message_get_sender(call)),
      kind_(kind),
      callbacks_(std::move(callbacks)) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(
        ::sd_bus_add_object_vtable(bus_, &slot, path_.c_str(), names::job_interface, job_vtable, this),
        "cannot add a job to the bus");
    slot_.reset(slot);
    sd_bus_track* track = nullptr;
    sdbus::check(::sd_bus_track_new(bus_, &track, on_creator_left, this), "cannot watch the caller");
    track_.reset(track);
    sdbus::check(::sd_bus_track_add_sender(track, call), "cannot watch the caller");
}

void Job::update(const client::JobStatus& status) {
    const client::JobStatus before = std::exchange(status_, status);
    if (status.queued != before.queued)
        emit_changed("State");
    if (status.waiting_for != before.waiting_for)
        emit_changed("WaitingFor");
    if (status.progress != before.progress)
        emit_changed("Progress");
}

void Job::finish(const JobOutcome& outcome) {
    finished_ = true;
    emit_changed("State");
    const auto [name, results] = finished_arguments(outcome);
    sd_bus_message* raw = nullptr;
    sdbus::check(::sd_bus_message_new_signal(bus_, &raw, path_.c_str(), names::job_interface, "Finished"),
                 "cannot tell the end of a job");
    client::Message signal{sdbus::MessagePtr(raw)};
    signal.append(name);
    signal.append(results);
    sdbus::check(::sd_bus_message_set_destination(raw, creator_.c_str()), "cannot tell the end of a job");
    sdbus::check(::sd_bus_send(bus_, raw, nullptr), "cannot tell the end of a job");
}

int Job::on_creator_left(sd_bus_track*, void* userdata) noexcept {
    static_cast<Job*>(userdata)->callbacks_.creator_left();
    return 0;
}

void Job::emit_changed(const char* property) {
    sdbus::check(
        ::sd_bus_emit_properties_changed(bus_, path_.c_str(), names::job_interface, property, nullptr),
        "cannot tell the state of a job");
}

struct JobVtable {
    static int cancel(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        const Job& job = *static_cast<Job*>(userdata);
        try {
            if (job.creator_ != ::sd_bus_message_get_sender(call))
                throw Error(ErrorCode::AccessDenied, "only the program that started a job may cancel it");
            job.callbacks_.cancel_called();
            return sdbus::check(::sd_bus_reply_method_return(call, ""), "cannot answer");
        } catch (const std::exception&) {
            return sdbus::set_error_from_exception(error);
        }
    }

    static int kind(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                    sd_bus_error*) noexcept {
        return ::sd_bus_message_append_basic(reply, 's', static_cast<Job*>(userdata)->kind_);
    }

    static int state(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                     sd_bus_error*) noexcept {
        const Job& job = *static_cast<Job*>(userdata);
        const char* state = job.finished_ ? "finished" : job.status_.queued ? "queued" : "running";
        return ::sd_bus_message_append_basic(reply, 's', state);
    }

    static int waiting_for(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                           void* userdata, sd_bus_error*) noexcept {
        const std::string_view name = name_of(static_cast<Job*>(userdata)->status_.waiting_for);
        return ::sd_bus_message_append_basic(reply, 's', name.data());
    }

    static int progress(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                        sd_bus_error*) noexcept {
        return ::sd_bus_message_append_basic(reply, 'd', &static_cast<Job*>(userdata)->status_.progress);
    }
};

const sd_bus_vtable job_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, JobVtable::cancel, 0),
    SD_BUS_SIGNAL_WITH_ARGS("Finished", SD_BUS_ARGS("s", outcome, "a{sv}", results), 0),
    SD_BUS_PROPERTY("Kind", "s", JobVtable::kind, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", JobVtable::state, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("WaitingFor", "s", JobVtable::waiting_for, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Progress", "d", JobVtable::progress, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::documents
