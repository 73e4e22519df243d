// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/service.hpp"

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/names.hpp"
#include "documents/pdf/pdf_signer.hpp"
#include "documents/sign_pdf_call.hpp"
#include "documents/vtables.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace digisign::documents {

namespace {

sdbus::BusPtr open_session_bus(sdbus::EventLoop& loop) {
    sd_bus* raw = nullptr;
    const int result = ::sd_bus_open_user_with_description(&raw, "digisign-documents");
    sdbus::BusPtr bus(raw);
    if (result < 0)
        throw Error(ErrorCode::ServiceUnavailable,
                    "cannot connect to the session bus: " + std::generic_category().message(-result));
    sdbus::check(::sd_bus_attach_event(raw, loop.handle(), SD_EVENT_PRIORITY_NORMAL),
                 "cannot serve the session bus");
    sdbus::check(::sd_bus_set_exit_on_disconnect(raw, true), "cannot serve the session bus");
    return bus;
}

} // namespace

struct DocumentsVtable {
    static int sign_pdf(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        auto& service = *static_cast<Service*>(userdata);
        try {
            const auto request = std::make_shared<SignPdfRequest>(read_sign_pdf_call(call));
            const std::string path =
                service.jobs_.add(call, "sign-pdf", request->handle, [request](JobControl& control) {
                    return documents::sign_pdf(*request, control);
                });
            service.loop_.cancel_timer(service.idle_timer_);
            return sdbus::check(::sd_bus_reply_method_return(call, "o", path.c_str()), "cannot answer");
        } catch (const std::exception&) {
            return sdbus::set_error_from_exception(error);
        }
    }

    static int levels(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                      sd_bus_error*) noexcept {
        return ::sd_bus_message_append(reply, "as", 1, "B-B");
    }

    static int max_input_size(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                              sd_bus_error*) noexcept {
        const std::uint64_t size = PdfSignOptions{}.max_input_size;
        return ::sd_bus_message_append_basic(reply, 't', &size);
    }
};

const sd_bus_vtable documents_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("SignPdf", SD_BUS_ARGS("h", input, "h", output, "a{sv}", options),
                            SD_BUS_RESULT("o", job), DocumentsVtable::sign_pdf, 0),
    SD_BUS_PROPERTY("Levels", "as", DocumentsVtable::levels, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("MaxInputSize", "t", DocumentsVtable::max_input_size, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

Service::Service(sdbus::EventLoop& loop, std::chrono::seconds idle_timeout)
    : loop_(loop),
      bus_(open_session_bus(loop)),
      idle_timeout_(idle_timeout),
      jobs_(loop, names::documents_root, [this] { on_jobs_done(); }) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(::sd_bus_add_object_vtable(bus_.get(), &slot, names::documents_root,
                                            names::documents_interface, documents_vtable, this),
                 "cannot add the service to the bus");
    vtable_slot_.reset(slot);
    // Last, so that nobody finds the name without the object.
    const int result = ::sd_bus_request_name(bus_.get(), names::documents_bus, 0);
    if (result < 0)
        throw Error(ErrorCode::ServiceUnavailable, std::string("cannot own the bus name ") +
                                                       names::documents_bus + ": " +
                                                       std::generic_category().message(-result));
    start_idle_timer();
}

void Service::start_idle_timer() {
    idle_timer_ = loop_.call_after(idle_timeout_, [this] { on_idle(); });
}

/// A call may be on its way to us while we decide to go. So: let systemd queue the next start behind our end,
/// give up the name, from where on the bus starts a new process for new calls, and serve whatever came before
/// the bus' answer.
void Service::on_idle() {
    leaving_ = true;
    (void)::sd_notify(/* unset_environment= */ 0, "STOPPING=1"); // without systemd there is nobody to tell
    sd_bus_slot* slot = nullptr;
    const int result =
        ::sd_bus_release_name_async(bus_.get(), &slot, names::documents_bus, on_name_released, this);
    release_slot_.reset(slot);
    if (result < 0)
        loop_.quit(); // the bus is gone, and with it whoever might have called
}

int Service::on_name_released(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
    auto& service = *static_cast<Service*>(userdata);
    if (service.jobs_.empty())
        service.loop_.quit();
    return 0;
}

void Service::on_jobs_done() {
    if (leaving_)
        loop_.quit();
    else
        start_idle_timer();
}

} // namespace digisign::documents
