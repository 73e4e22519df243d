// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/private_endpoint.hpp"

#include "common/log.hpp"
#include "common/names.hpp"
#include "daemon/bus/snapshot.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/limits.hpp"

#include <cerrno>
#include <utility>

namespace digisign::bus {

namespace {

sdbus::BusPtr serve_connection(sd_event* event, UniqueFd connection) {
    constexpr std::string_view doing = "cannot serve a private connection";
    sd_bus* raw = nullptr;
    sdbus::check(sd_bus_new(&raw), doing);
    sdbus::BusPtr bus(raw);
    sdbus::check(sd_bus_set_description(raw, "private"), doing);
    sdbus::check(sd_bus_set_fd(raw, connection.get(), connection.get()), doing);
    (void)connection.release(); // sd-bus owns it from here
    sd_id128_t server_id;
    sdbus::check(sd_id128_randomize(&server_id), doing);
    sdbus::check(sd_bus_set_server(raw, 1, server_id), doing);
    sdbus::check(sd_bus_negotiate_fds(raw, 0), doing); // no method takes any
    sdbus::check(sd_bus_set_connected_signal(raw, 1), doing);
    sdbus::check(sd_bus_start(raw), doing);
    sdbus::check(sd_bus_attach_event(raw, event, SD_EVENT_PRIORITY_NORMAL), doing);
    return bus;
}

void report(int result) {
    if (result < 0 && result != -ENOTCONN)
        log::warning(error_from_errno(-result, "cannot send a signal").what());
}

} // namespace

PrivateEndpoint::PrivateEndpoint(Core core, sd_event* event, UniqueFd connection, core::Requester peer,
                                 std::function<void(PrivateEndpoint&)> on_hang_up)
    : PrivateEndpoint(core, serve_connection(event, std::move(connection)), std::move(peer),
                      std::move(on_hang_up)) {}

PrivateEndpoint::PrivateEndpoint(Core core, sdbus::BusPtr bus, core::Requester peer,
                                 std::function<void(PrivateEndpoint&)> on_hang_up)
    : Endpoint(core, bus.get()),
      owned_bus_(std::move(bus)),
      client_(new_client_id()),
      peer_(std::move(peer)),
      on_hang_up_(std::move(on_hang_up)) {
    add_root_interface(names::agent_manager_interface, agent_manager_vtable);
    add_root_interface(names::cryptoki_interface, cryptoki_vtable);
    sd_event_source* source = nullptr;
    sdbus::check(sd_event_add_defer(sd_bus_get_event(owned_bus_.get()), &source, on_leftover, this),
                 "cannot watch a private connection");
    leftover_source_.reset(source);
    sdbus::check(sd_event_source_set_enabled(source, SD_EVENT_OFF), "cannot watch a private connection");
    connected_slot_ = match_local("Connected", on_connected);
    disconnected_slot_ = match_local("Disconnected", on_disconnected);
}

sdbus::SlotPtr PrivateEndpoint::match_local(const char* member, sd_bus_message_handler_t handler) {
    sd_bus_slot* slot = nullptr;
    sdbus::check(sd_bus_match_signal(owned_bus_.get(), &slot, nullptr, "/org/freedesktop/DBus/Local",
                                     "org.freedesktop.DBus.Local", member, handler, this),
                 "cannot watch a private connection");
    return sdbus::SlotPtr(slot);
}

std::optional<core::ClientId> PrivateEndpoint::client_with_element(std::string_view element) const {
    return element == "private" ? std::optional(client_) : std::nullopt;
}

void PrivateEndpoint::send_snapshot(sd_bus_message* call) {
    is_module_ = true;
    if (core().registry.pcsc_state() == core::PcscState::Starting) {
        if (waiting_snapshots_.size() >= core::limits::jobs_per_client)
            throw Error(ErrorCode::LimitExceeded, "too many calls are waiting already");
        waiting_snapshots_.emplace_back(sd_bus_message_ref(call));
        return;
    }
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_return(call, &raw), "cannot answer");
    const sdbus::MessagePtr reply(raw);
    const bool default_agent = core().agents.default_available();
    append_snapshot(raw, core().slots, default_agent,
                    core().settings.pin.pin_pad == configuration::PinPadUse::Prefer && default_agent);
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), "cannot answer");
    has_snapshot_ = true;
}

void PrivateEndpoint::answer_waiting_snapshots() {
    for (const sdbus::MessagePtr& call : std::exchange(waiting_snapshots_, {})) {
        try {
            send_snapshot(call.get());
        } catch (const Error& error) {
            log::debug(error.what()); // it has hung up
        }
    }
}

void PrivateEndpoint::on_slots_changed() {
    if (!std::exchange(has_snapshot_, false))
        return;
    report(sd_bus_emit_signal(bus(), names::daemon_root, names::cryptoki_interface, "SlotsChanged", "t",
                              core().slots.generation()));
}

void PrivateEndpoint::on_login_ended(const core::Login& login) const {
    const auto slot = core().slots.find(login.session, login.pin);
    if (login.client != client_ || !slot)
        return;
    report(sd_bus_emit_signal(bus(), names::daemon_root, names::cryptoki_interface, "LoginEnded", "u",
                              static_cast<std::uint32_t>(slot->id)));
}

// A client need not wait for anything before its first message. Where that came in one piece with the end of
// the authentication, libsystemd (252) has read it and, because the descriptor has no more to read, does not
// look at it until the next message comes.

int PrivateEndpoint::on_connected(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
    auto* endpoint = static_cast<PrivateEndpoint*>(userdata);
    (void)sd_event_source_set_enabled(endpoint->leftover_source_.get(),
                                      SD_EVENT_ONESHOT); // a source of this event
    return 0;
}

int PrivateEndpoint::on_leftover(sd_event_source* source, void* userdata) noexcept {
    // A negative result closes the connection, which the descriptor will tell.
    if (sd_bus_process(static_cast<PrivateEndpoint*>(userdata)->bus(), nullptr) > 0)
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT); // there may be one more
    return 0;
}

int PrivateEndpoint::on_disconnected(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
    static_cast<PrivateEndpoint*>(userdata)->end();
    return 1;
}

bool PrivateEndpoint::does_not_read() const {
    std::uint64_t messages = 0;
    return sd_bus_get_n_queued_write(bus(), &messages) >= 0 && messages > core::limits::unread_messages;
}

void PrivateEndpoint::drop() {
    sd_bus_close(bus());
    end();
}

void PrivateEndpoint::end() {
    if (std::exchange(ended_, true))
        return;
    client_gone(client_);
    on_hang_up_(*this);
}

} // namespace digisign::bus
