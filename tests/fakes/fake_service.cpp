// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/fake_service.hpp"

#include "common/error.hpp"
#include "common/names.hpp"

#include <future>

namespace digisign::test {

namespace {

constexpr char reader_path[] = "/org/digisign/DigiSign1/reader/a";

void must(int result) {
    sdbus::check(result, "the fake service failed");
}

} // namespace

/// The members it serves; each `userdata` is the FakeService.
struct FakeService::Members {
    static int sign(sd_bus_message* message, void* userdata, sd_bus_error* error) {
        auto* self = static_cast<FakeService*>(userdata);
        self->caller_ = sd_bus_message_get_sender(message);
        self->read_document(message);
        switch (self->behaviour_) {
        case Sign::Refuse:
            return sd_bus_error_set(error, error_dbus_name(ErrorCode::MechanismUnsupported).c_str(),
                                    "no such mechanism");
        case Sign::NeverReply:
            return 1;
        case Sign::VanishWithoutReply:
            self->leave();
            return 1;
        case Sign::AnswerBeforeReply:
            self->finish("done");
            return sd_bus_reply_method_return(message, "o", job_path);
        case Sign::Answer:
        case Sign::Fail:
        case Sign::Cancel:
        case Sign::WaitForCancel:
        case Sign::NeverFinish:
        case Sign::Vanish:
            break;
        }
        must(sd_bus_reply_method_return(message, "o", job_path));
        if (self->behaviour_ == Sign::Answer)
            self->finish("done");
        if (self->behaviour_ == Sign::Fail)
            self->finish("failed", "org.digisign.DigiSign1.Error.PinBlocked");
        if (self->behaviour_ == Sign::Cancel)
            self->finish("cancelled");
        if (self->behaviour_ == Sign::Vanish)
            self->leave();
        return 1;
    }

    static int cancel(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* self = static_cast<FakeService*>(userdata);
        if (self->behaviour_ == Sign::WaitForCancel)
            self->finish("cancelled");
        return sd_bus_reply_method_return(message, nullptr);
    }

    template <std::string FakeService::*member>
    static int text(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                    sd_bus_error*) {
        return sd_bus_message_append(reply, "s", (static_cast<FakeService*>(userdata)->*member).c_str());
    }

    static int constant(sd_bus*, const char*, const char*, const char* name, sd_bus_message* reply, void*,
                        sd_bus_error*) {
        return sd_bus_message_append(reply, "s",
                                     std::string_view(name) == "PcscState" ? "available" : "9.9.9");
    }

    static constexpr sd_bus_vtable key[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Sign", "saya{sv}", "o", sign, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable job[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Cancel", "", "", cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("WaitingFor", "s", text<&FakeService::waiting_for_>, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable reader[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("State", "s", text<&FakeService::reader_state_>, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable manager[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", constant, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("PcscState", "s", constant, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
    };
};

FakeService::FakeService(Sign behaviour) : behaviour_(behaviour) {
    sd_bus* bus = nullptr;
    must(sd_bus_open_user(&bus));
    bus_.reset(bus);
    must(sd_bus_add_object_vtable(bus, nullptr, key_path, names::key_interface, Members::key, this));
    must(sd_bus_add_object_vtable(bus, nullptr, job_path, names::job_interface, Members::job, this));
    must(sd_bus_add_object_vtable(bus, nullptr, reader_path, names::reader_interface, Members::reader, this));
    must(sd_bus_add_object_vtable(bus, nullptr, names::daemon_root, names::manager_interface,
                                  Members::manager, this));
    must(sd_bus_add_object_manager(bus, nullptr, names::daemon_root));
    must(sd_bus_request_name(bus, names::daemon_bus, 0));
    must(sd_bus_attach_event(bus, loop_.handle(), 0));
    thread_ = std::thread([this] { loop_.run(); });
}

FakeService::~FakeService() {
    loop_.post([this] { loop_.quit(); });
    thread_.join();
}

void FakeService::run(const std::function<void()>& work) {
    std::promise<void> done;
    loop_.post([&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

void FakeService::set_reader_state(const std::string& state) {
    run([&] {
        reader_state_ = state;
        must(sd_bus_emit_properties_changed(bus_.get(), reader_path, names::reader_interface, "State",
                                            nullptr));
    });
}

void FakeService::set_waiting_for(const std::string& what) {
    run([&] {
        waiting_for_ = what;
        must(sd_bus_emit_properties_changed(bus_.get(), job_path, names::job_interface, "WaitingFor",
                                            nullptr));
    });
}

void FakeService::finish(const char* outcome, const char* error) {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_signal(bus_.get(), &raw, job_path, names::job_interface, "Finished"));
    const sdbus::MessagePtr signal(raw);
    must(sd_bus_message_set_destination(raw, caller_.c_str()));
    must(sd_bus_message_append(raw, "s", outcome));
    must(sd_bus_message_open_container(raw, 'a', "{sv}"));
    if (error != nullptr)
        must(sd_bus_message_append(raw, "{sv}{sv}", "error", "s", error, "message", "s", "PIN 2 is blocked"));
    if (std::string_view(outcome) == "done") {
        must(sd_bus_message_open_container(raw, 'e', "sv"));
        must(sd_bus_message_append(raw, "s", "signature"));
        must(sd_bus_message_open_container(raw, 'v', "ay"));
        must(sd_bus_message_append_array(raw, 'y', signature, sizeof signature));
        must(sd_bus_message_close_container(raw));
        must(sd_bus_message_close_container(raw));
    }
    must(sd_bus_message_close_container(raw));
    must(sd_bus_send(bus_.get(), raw, nullptr));
}

void FakeService::leave() {
    sd_bus_close(bus_.get());
}

void FakeService::read_document(sd_bus_message* message) {
    must(sd_bus_message_skip(message, "say"));
    must(sd_bus_message_enter_container(message, 'a', "{sv}"));
    const char* name = nullptr;
    const char* value = nullptr;
    while (sd_bus_message_read(message, "{sv}", &name, "s", &value) > 0)
        if (std::string_view(name) == "document")
            last_document_ = value;
    must(sd_bus_message_exit_container(message));
}

} // namespace digisign::test
