// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Manager

#include "config.hpp"
#include "daemon/bus/endpoint.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

namespace digisign::bus {

namespace {

std::string_view version(const Endpoint&) {
    return DIGISIGN_VERSION;
}
std::string_view pcsc_state(const Endpoint& endpoint) {
    return core::name_of(endpoint.core().registry.pcsc_state());
}
bool agent_available(const Endpoint& endpoint) {
    return endpoint.core().agents.default_available();
}

void append_text(sd_bus_message* message, const char* key, const std::string& value) {
    if (!value.empty())
        append_entry(message, key, "s", value);
}

std::int64_t seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

void append_login(sd_bus_message* message, const core::Login& login, const core::Token& token) {
    const core::Pin* pin = token.find_pin(login.pin);
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), "cannot answer");
    append_entry(message, "id", "t", static_cast<std::uint64_t>(login.id));
    append_entry(message, "token", "o", ObjectPath{object_path::of(token)});
    append_entry(message, "pin", "o", ObjectPath{pin != nullptr ? object_path::of(*pin) : "/"});
    append_entry(message, "since", "x", seconds(login.since));
    append_entry(message, "last-used", "x", seconds(login.last_used));
    if (login.requester.pid != 0)
        append_entry(message, "pid", "u", login.requester.pid);
    append_text(message, "executable", login.requester.executable);
    append_text(message, "unit", login.requester.unit);
    append_text(message, "sandbox", login.requester.sandbox);
    append_text(message, "terminal", login.requester.terminal);
    sdbus::check(sd_bus_message_close_container(message), "cannot answer");
}

void method_list_logins(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_return(message, &raw), "cannot answer");
    const sdbus::MessagePtr reply(raw);
    sdbus::check(sd_bus_message_open_container(raw, 'a', "a{sv}"), "cannot answer");
    for (const core::Login* login : endpoint.core().logins.list())
        if (const core::Token* token = endpoint.core().registry.find_token(login->session))
            append_login(raw, *login, *token);
    sdbus::check(sd_bus_message_close_container(raw), "cannot answer");
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), "cannot answer");
}

void method_end_login(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    std::uint64_t id = 0;
    sdbus::check(sd_bus_message_read_basic(message, 't', &id), "cannot read the call");
    if (!endpoint.core().logins.end(static_cast<core::LoginId>(id)))
        throw Error(ErrorCode::InvalidArgument, "there is no such login, or not any more");
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

void method_lock(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    endpoint.core().jobs.cancel_holding_pins(Error(ErrorCode::Cancelled, "DigiSign was locked"));
    endpoint.core().logins.end_all();
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

} // namespace

const sd_bus_vtable manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Lock", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_lock>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("ListLogins", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", logins),
                            (method_handler<Endpoint, Endpoint, method_list_logins>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("EndLogin", SD_BUS_ARGS("t", id), SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_end_login>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("LoginsChanged", SD_BUS_NO_ARGS, 0),
    SD_BUS_SIGNAL_WITH_ARGS("TokenNeedsActivation", SD_BUS_ARGS("o", token), 0),
    SD_BUS_PROPERTY("Version", "s", (property_getter<Endpoint, version>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("PcscState", "s", (property_getter<Endpoint, pcsc_state>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("AgentAvailable", "b", (property_getter<Endpoint, agent_available>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
