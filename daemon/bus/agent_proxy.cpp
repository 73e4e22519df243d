// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/agent_proxy.hpp"

#include "common/log.hpp"
#include "common/names.hpp"
#include "daemon/bus/message.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/names.hpp"

#include <chrono>
#include <utility>

namespace digisign::bus {

struct AgentProxy::Pending {
    AgentProxy* proxy = nullptr;
    std::string request_id;
    std::function<void(core::PinAnswer)> answer;
    sdbus::SlotPtr slot;
};

namespace {

void append_text(sd_bus_message* message, const char* key, const std::string& value) {
    if (!value.empty())
        append_entry(message, key, "s", value);
}

void append_details(sd_bus_message* message, const core::PinPrompt& prompt) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), "cannot ask for the PIN");
    append_entry(message, "purpose", "s", prompt.purpose);
    append_entry(message, "pin", "s", prompt.pin_label);
    append_entry(message, "role", "s", prompt.pin_role);
    append_entry(message, "token", "s", prompt.token_label);
    append_entry(message, "reader", "s", prompt.reader);
    append_entry(message, "min-length", "u", static_cast<std::uint32_t>(prompt.min_length));
    append_entry(message, "max-length", "u", static_cast<std::uint32_t>(prompt.max_length));
    append_entry(message, "only-digits", "b", prompt.only_digits);
    if (prompt.tries_left)
        append_entry(message, "tries-left", "u", static_cast<std::uint32_t>(*prompt.tries_left));
    append_text(message, "key", prompt.key_label);
    append_text(message, "certificate", prompt.certificate_name);
    append_text(message, "document", prompt.document);
    append_text(message, "problem", std::string(core::name_of(prompt.problem)));
    if (prompt.requester.pid != 0)
        append_entry(message, "requester-pid", "u", prompt.requester.pid);
    append_text(message, "requester-executable", prompt.requester.executable);
    append_text(message, "requester-claims", prompt.requester.claims);
    sdbus::check(sd_bus_message_close_container(message), "cannot ask for the PIN");
}

Error error_of(const sd_bus_error* error) {
    const ErrorCode code = error_code_from_dbus(error->name);
    if (code == ErrorCode::Cancelled)
        return {code, "the PIN was not given"};
    if (code == ErrorCode::TimedOut && std::string_view(error->name) == "org.freedesktop.DBus.Error.Timeout")
        return {code, "nobody typed the PIN within five minutes"};
    return {ErrorCode::AgentUnavailable, "the program that was asking for the PIN has gone"};
}

core::PinAnswer read_answer(sd_bus_message* reply) {
    sdbus::check(sd_bus_message_sensitive(reply), "cannot read the PIN"); // wiped when it is freed
    if (const sd_bus_error* error = sd_bus_message_get_error(reply))
        return error_of(error);
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_bus_message_read_array(reply, 'y', &data, &size) < 0 || size > PinValue::max_length)
        return Error(ErrorCode::AgentUnavailable, "the program that asks for PINs answered nonsense");
    PinValue pin;
    pin.append({static_cast<const std::uint8_t*>(data), size});
    return pin;
}

} // namespace

AgentProxy::AgentProxy(sd_bus* bus, std::string path, bool interactive)
    : bus_(sd_bus_ref(bus)), path_(std::move(path)), interactive_(interactive) {}

AgentProxy::~AgentProxy() = default;

void AgentProxy::request_pin(const std::string& request_id, const core::PinPrompt& prompt,
                             std::function<void(core::PinAnswer)> answer) {
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_call(bus_.get(), &raw, nullptr, path_.c_str(),
                                                names::agent_interface, "RequestPin"),
                 "cannot ask for the PIN");
    const sdbus::MessagePtr call(raw);
    append_value(raw, request_id);
    append_details(raw, prompt);

    auto pending = std::make_unique<Pending>(Pending{this, request_id, std::move(answer), {}});
    const auto timeout = std::chrono::microseconds(core::limits::prompt_timeout).count();
    sd_bus_slot* slot = nullptr;
    if (sd_bus_call_async(bus_.get(), &slot, raw, on_reply, pending.get(),
                          static_cast<std::uint64_t>(timeout)) < 0)
        throw Error(ErrorCode::AgentUnavailable, "the program that was to ask for the PIN has gone");
    pending->slot.reset(slot);
    pending_.emplace(request_id, std::move(pending));
}

int AgentProxy::on_reply(sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept {
    auto* pending = static_cast<Pending*>(userdata);
    AgentProxy* proxy = pending->proxy;
    const auto node = proxy->pending_.extract(pending->request_id); // ours until the end of this function
    try {
        core::PinAnswer answer = read_answer(reply);
        if (const auto* error = std::get_if<Error>(&answer);
            error != nullptr && error->code() == ErrorCode::TimedOut)
            proxy->send_cancel(pending->request_id, ErrorCode::TimedOut);
        pending->answer(std::move(answer));
    } catch (const std::exception& error) {
        log::error(error.what());
    }
    return 1;
}

void AgentProxy::cancel(const std::string& request_id, ErrorCode reason) {
    if (pending_.erase(request_id) > 0)
        send_cancel(request_id, reason);
}

void AgentProxy::send_cancel(const std::string& request_id, ErrorCode reason) noexcept {
    // No answer is wanted, and an agent that has hung up has nothing to take away.
    (void)sd_bus_call_method_async(bus_.get(), nullptr, nullptr, path_.c_str(), names::agent_interface,
                                   "Cancel", nullptr, nullptr, "ss", request_id.c_str(),
                                   error_dbus_name(reason).c_str());
}

} // namespace digisign::bus
