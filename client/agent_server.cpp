// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/agent_server.hpp"

#include "common/names.hpp"

#include <cstdint>
#include <utility>

namespace digisign::client {

namespace {

std::optional<unsigned> number(const Dictionary& details, std::string_view name) {
    const auto entry = details.find(name);
    if (entry == details.end())
        return std::nullopt;
    const auto* value = std::get_if<std::uint32_t>(&entry->second);
    return value != nullptr ? std::optional<unsigned>(*value) : std::nullopt;
}

PinRequest::Problem problem_from(std::string_view name) {
    if (name == "incorrect")
        return PinRequest::Problem::Incorrect;
    if (name == "length")
        return PinRequest::Problem::Length;
    if (name == "characters")
        return PinRequest::Problem::Characters;
    return PinRequest::Problem::None;
}

PinRequest read_request(Message& message) {
    std::string id = message.read_string();
    const Dictionary details = message.read_dictionary();
    const auto text = [&details](std::string_view name) { return value_or<std::string>(details, name, ""); };
    return {.id = std::move(id),
            .purpose = text("purpose"),
            .pin = text("pin"),
            .role = text("role"),
            .token = text("token"),
            .reader = text("reader"),
            .min_length = number(details, "min-length").value_or(0),
            .max_length = number(details, "max-length").value_or(0),
            .only_digits = value_or(details, "only-digits", false),
            .tries_left = number(details, "tries-left"),
            .key = text("key"),
            .certificate = text("certificate"),
            .document = text("document"),
            .problem = problem_from(text("problem")),
            .requester_pid = number(details, "requester-pid"),
            .requester_executable = text("requester-executable"),
            .requester_claims = text("requester-claims")};
}

} // namespace

PinReply::~PinReply() {
    if (request_)
        decline(ErrorCode::Cancelled, "the PIN was not given");
}

void PinReply::answer(const PinValue& pin) {
    const Message request = std::exchange(request_, Message());
    sd_bus_message* raw = nullptr;
    if (::sd_bus_message_new_method_return(request.get(), &raw) < 0)
        return; // no memory, or the daemon has hung up; then nobody waits any more
    Message reply{sdbus::MessagePtr(raw)};
    reply.mark_sensitive();
    reply.append(pin.secret());
    connection_->send(reply);
}

void PinReply::decline(ErrorCode code, const std::string& reason) {
    const Message request = std::exchange(request_, Message());
    sd_bus_error error = SD_BUS_ERROR_NULL;
    (void)::sd_bus_error_set(&error, error_dbus_name(code).c_str(),
                             reason.c_str()); // returns the error itself
    (void)::sd_bus_reply_method_error(request.get(),
                                      &error); // fails if the daemon has hung up: it does not wait then
    ::sd_bus_error_free(&error);
}

const sd_bus_vtable* AgentServer::vtable() {
    static const sd_bus_vtable table[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("RequestPin", SD_BUS_ARGS("s", request, "a{sv}", details),
                                SD_BUS_RESULT("ay", pin), AgentServer::method_request_pin,
                                SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_ARGS("s", request, "s", reason), SD_BUS_NO_RESULT,
                                AgentServer::method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    return table;
}

AgentServer::AgentServer(PrivateConnection& connection, PinPrompter& prompter, Kind kind)
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

int AgentServer::method_request_pin(sd_bus_message* message, void* userdata,
                                    sd_bus_error* /*error*/) noexcept {
    auto* server = static_cast<AgentServer*>(userdata);
    try {
        Message request = Message::shared(message);
        PinRequest details = read_request(request);
        server->prompter_.request_pin(std::move(details), PinReply(server->connection_, std::move(request)));
    } catch (...) {
        server->connection_.loop().fail(std::current_exception());
    }
    return 1; // answered by PinReply, now or later
}

int AgentServer::method_cancel(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto* server = static_cast<AgentServer*>(userdata);
    try {
        Message cancel = Message::shared(message);
        const std::string request = cancel.read_string();
        server->prompter_.cancel(request, error_code_from_dbus(cancel.read_string()));
        return ::sd_bus_reply_method_return(message, nullptr);
    } catch (...) {
        server->connection_.loop().fail(std::current_exception());
        return 0;
    }
}

} // namespace digisign::client
