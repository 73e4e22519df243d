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

void add_signature(sd_bus_message* results) {
    must(sd_bus_message_open_container(results, 'e', "sv"));
    must(sd_bus_message_append(results, "s", "signature"));
    must(sd_bus_message_open_container(results, 'v', "ay"));
    must(sd_bus_message_append_array(results, 'y', FakeService::signature, sizeof FakeService::signature));
    must(sd_bus_message_close_container(results));
    must(sd_bus_message_close_container(results));
}

/// One per document: its name as octets.
void add_signatures(sd_bus_message* results, const std::vector<std::string>& documents) {
    must(sd_bus_message_open_container(results, 'e', "sv"));
    must(sd_bus_message_append(results, "s", "signatures"));
    must(sd_bus_message_open_container(results, 'v', "aay"));
    must(sd_bus_message_open_container(results, 'a', "ay"));
    for (const std::string& document : documents)
        must(sd_bus_message_append_array(results, 'y', document.data(), document.size()));
    for (int container = 0; container < 3; ++container)
        must(sd_bus_message_close_container(results));
}

void add_blocked(sd_bus_message* results) {
    must(sd_bus_message_append(results, "{sv}{sv}", "error", "s", "org.digisign.DigiSign1.Error.PinBlocked",
                               "message", "s", "PIN 2 is blocked"));
}

/// Also one that only a newer service has.
void add_warnings(sd_bus_message* results) {
    must(sd_bus_message_append(results, "{sv}", "warnings", "as", 3, "same-pin", "new-warning",
                               "trivial-pin"));
}

} // namespace

/// The members it serves; each `userdata` is the FakeService.
struct FakeService::Members {
    static int sign(sd_bus_message* message, void* userdata, sd_bus_error* error) {
        auto* self = static_cast<FakeService*>(userdata);
        self->caller_ = sd_bus_message_get_sender(message);
        must(sd_bus_message_skip(message, "say"));
        self->last_document_ = self->read_option(message, "document");
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
            self->finish("done", add_signature);
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
            self->finish("done", add_signature);
        if (self->behaviour_ == Sign::Fail)
            self->finish("failed", add_blocked);
        if (self->behaviour_ == Sign::Cancel)
            self->finish("cancelled");
        if (self->behaviour_ == Sign::Vanish)
            self->leave();
        return 1;
    }

    static int sign_batch(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* self = static_cast<FakeService*>(userdata);
        must(sd_bus_message_skip(message, "s"));
        must(sd_bus_message_enter_container(message, 'a', "(say)"));
        self->last_batch_.clear();
        while (sd_bus_message_enter_container(message, 'r', "say") > 0) {
            const char* document = nullptr;
            must(sd_bus_message_read(message, "s", &document));
            must(sd_bus_message_skip(message, "ay"));
            must(sd_bus_message_exit_container(message));
            self->last_batch_.emplace_back(document);
        }
        must(sd_bus_message_exit_container(message));
        return self->start_job(
            message, [self](sd_bus_message* results) { add_signatures(results, self->last_batch_); });
    }

    /// Any method that takes nothing but options.
    static int simple_job(sd_bus_message* message, void* userdata, sd_bus_error*) {
        return static_cast<FakeService*>(userdata)->start_job(message, add_warnings);
    }

    static int simple_call(sd_bus_message* message, void* userdata, sd_bus_error*) {
        static_cast<FakeService*>(userdata)->last_call_ = sd_bus_message_get_member(message);
        return sd_bus_reply_method_return(message, nullptr);
    }

    static int list_logins(sd_bus_message* message, void*, sd_bus_error*) {
        return sd_bus_reply_method_return(
            message, "aa{sv}", 2,                                                       //
            5, "id", "t", login_id, "token", "o", token_path, "pin", "o", pin_path,     //
            "since", "x", std::int64_t{200}, "last-used", "x", std::int64_t{300},       //
            9, "id", "t", login_id - 1, "token", "o", token_path, "pin", "o", pin_path, //
            "since", "x", std::int64_t{100}, "last-used", "x", std::int64_t{150},       //
            "pid", "u", std::uint32_t{42}, "executable", "s", "/usr/bin/firefox",       //
            "sandbox", "s", "snap:firefox", "terminal", "s", "pts/3");
    }

    static int end_login(sd_bus_message* message, void* userdata, sd_bus_error* error) {
        std::uint64_t id = 0;
        must(sd_bus_message_read(message, "t", &id));
        if (id != login_id)
            return sd_bus_error_set(error, error_dbus_name(ErrorCode::InvalidArgument).c_str(),
                                    "no such login");
        return simple_call(message, userdata, error);
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

    static int waiting_for(sd_bus* bus, const char* path, const char* interface, const char* property,
                           sd_bus_message* reply, void* userdata, sd_bus_error* error) {
        if (const auto& on_status_read = static_cast<FakeService*>(userdata)->on_status_read_)
            on_status_read();
        return text<&FakeService::waiting_for_>(bus, path, interface, property, reply, userdata, error);
    }

    static int constant(sd_bus*, const char*, const char*, const char* name, sd_bus_message* reply, void*,
                        sd_bus_error*) {
        return sd_bus_message_append(reply, "s",
                                     std::string_view(name) == "PcscState" ? "available" : "9.9.9");
    }

    static constexpr sd_bus_vtable key[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Sign", "saya{sv}", "o", sign, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("SignBatch", "sa(say)a{sv}", "o", sign_batch, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Test", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable pin[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Verify", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Login", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Change", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Unblock", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable token[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Activate", "a{sv}", "o", simple_job, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Refresh", "", "", simple_call, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Logout", "", "", simple_call, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable job[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Cancel", "", "", cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("WaitingFor", "s", waiting_for, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
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
        SD_BUS_METHOD("Lock", "", "", simple_call, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ListLogins", "", "aa{sv}", list_logins, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("EndLogin", "t", "", end_login, SD_BUS_VTABLE_UNPRIVILEGED),
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
    must(sd_bus_add_object_vtable(bus, nullptr, pin_path, names::pin_interface, Members::pin, this));
    must(sd_bus_add_object_vtable(bus, nullptr, token_path, names::token_interface, Members::token, this));
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

void FakeService::set_on_status_read(std::function<void()> on_status_read) {
    run([&] { on_status_read_ = std::move(on_status_read); });
}

void FakeService::finish(const char* outcome, const std::function<void(sd_bus_message*)>& add_results) {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_signal(bus_.get(), &raw, job_path, names::job_interface, "Finished"));
    const sdbus::MessagePtr signal(raw);
    must(sd_bus_message_set_destination(raw, caller_.c_str()));
    must(sd_bus_message_append(raw, "s", outcome));
    must(sd_bus_message_open_container(raw, 'a', "{sv}"));
    if (add_results)
        add_results(raw);
    must(sd_bus_message_close_container(raw));
    must(sd_bus_send(bus_.get(), raw, nullptr));
}

int FakeService::start_job(sd_bus_message* message, const std::function<void(sd_bus_message*)>& add_results) {
    caller_ = sd_bus_message_get_sender(message);
    last_call_ = sd_bus_message_get_member(message) + (" " + read_option(message, "agent"));
    must(sd_bus_reply_method_return(message, "o", job_path));
    finish("done", add_results);
    return 1;
}

void FakeService::leave() {
    sd_bus_close(bus_.get());
}

/// Of the a{sv} that comes next, whose values are strings.
std::string FakeService::read_option(sd_bus_message* message, std::string_view wanted) {
    std::string found;
    must(sd_bus_message_enter_container(message, 'a', "{sv}"));
    const char* name = nullptr;
    const char* value = nullptr;
    while (sd_bus_message_read(message, "{sv}", &name, "s", &value) > 0)
        if (name == wanted)
            found = value;
    must(sd_bus_message_exit_container(message));
    return found;
}

} // namespace digisign::test
