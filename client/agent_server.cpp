// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/agent_server.hpp"

#include "common/names.hpp"

#include <utility>

namespace digisign::client {

namespace {

Prompt read_prompt(Message& message) {
    std::string id = message.read_string();
    return make_prompt(std::move(id), message.read_dictionary());
}

void reply_empty(const Message& message) {
    // Fails only if the daemon has hung up.
    (void)::sd_bus_reply_method_return(message.get(), nullptr);
}

} // namespace

const sd_bus_vtable* AgentServer::vtable() {
    static const sd_bus_vtable table[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("RequestPin", SD_BUS_ARGS("s", request, "a{sv}", details),
                                SD_BUS_RESULT("ay", pin), on_call<&AgentServer::method_request_pin>,
                                SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RequestNewPin", SD_BUS_ARGS("s", request, "a{sv}", details),
                                SD_BUS_RESULT("ay", pin), on_call<&AgentServer::method_request_new_pin>,
                                SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Confirm", SD_BUS_ARGS("s", request, "s", question, "a{sv}", details),
                                SD_BUS_RESULT("b", agreed), on_call<&AgentServer::method_confirm>,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ShowPinPad", SD_BUS_ARGS("s", request, "a{sv}", details), SD_BUS_NO_RESULT,
                                on_call<&AgentServer::method_show_pin_pad>, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_ARGS("s", request, "s", reason), SD_BUS_NO_RESULT,
                                on_call<&AgentServer::method_cancel>, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Release", SD_BUS_ARGS("s", job), SD_BUS_NO_RESULT,
                                on_call<&AgentServer::method_release>, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    return table;
}

AgentServer::AgentServer(PrivateConnection& connection, Prompter& prompter, Kind kind)
    : connection_(connection), prompter_(prompter) {
    sd_bus_slot* slot = nullptr;
    if (::sd_bus_add_object_vtable(connection_.get(), &slot, names::agent_path, names::agent_interface,
                                   vtable(), this) < 0)
        throw Error(ErrorCode::Internal, "cannot serve the PIN prompt");
    slot_.reset(slot);

    Message request =
        connection_.new_call(nullptr, names::daemon_root, names::agent_manager_interface, "RegisterAgent");
    request.append(ObjectPath{names::agent_path});
    request.append(Dictionary{{"interactive", kind == Kind::Interactive}});
    id_ = connection_.call(request).read_string();
}

template <void (AgentServer::*method)(Message)>
int AgentServer::on_call(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto* server = static_cast<AgentServer*>(userdata);
    try {
        (server->*method)(Message::shared(message));
    } catch (...) {
        server->connection_.loop().fail(std::current_exception());
    }
    return 1;
}

void AgentServer::method_request_pin(Message message) {
    Prompt prompt = read_prompt(message);
    prompter_.request_pin(std::move(prompt), PinReply(connection_, std::move(message)));
}

void AgentServer::method_request_new_pin(Message message) {
    Prompt prompt = read_prompt(message);
    prompter_.request_new_pin(std::move(prompt), PinReply(connection_, std::move(message)));
}

void AgentServer::method_confirm(Message message) {
    std::string id = message.read_string();
    const auto question = question_from_name(message.read_string());
    Prompt prompt = make_prompt(std::move(id), message.read_dictionary());
    ConfirmReply reply(connection_, std::move(message));
    if (question)
        prompter_.confirm(*question, std::move(prompt), std::move(reply));
    else
        reply.decline(ErrorCode::NotSupported, "this program does not know the question");
}

void AgentServer::method_show_pin_pad(Message message) {
    Prompt prompt = read_prompt(message);
    prompter_.show_pin_pad(std::move(prompt), PinPadReply(connection_, std::move(message)));
}

void AgentServer::method_cancel(Message message) {
    const std::string id = message.read_string();
    const ErrorCode reason = error_code_from_dbus(message.read_string());
    reply_empty(message);
    prompter_.cancel(id, reason);
}

void AgentServer::method_release(Message message) {
    const std::string job = message.read_string();
    reply_empty(message);
    prompter_.release(job);
}

} // namespace digisign::client
