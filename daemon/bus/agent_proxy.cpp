// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/agent_proxy.hpp"

#include "common/log.hpp"
#include "common/names.hpp"
#include "daemon/bus/message.hpp"
#include "daemon/core/names.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace digisign::bus {

struct AgentProxy::Pending {
    AgentProxy* proxy = nullptr;
    std::string request_id;
    std::function<void(sd_bus_message*)> on_answer;
    sdbus::SlotPtr slot;
};

namespace {

void append_text(sd_bus_message* message, const char* key, const std::string& value) {
    if (!value.empty())
        append_entry(message, key, "s", value);
}

void append_details(sd_bus_message* message, const core::Prompt& prompt) {
    sdbus::check(sd_bus_message_open_container(message, 'a', "{sv}"), "cannot ask for the PIN");
    append_entry(message, "job", "s", prompt.job);
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
    append_text(message, "target", prompt.target);
    if (!prompt.documents.empty())
        append_entry(message, "documents", "as", prompt.documents);
    if (prompt.signatures != 0)
        append_entry(message, "signatures", "u", static_cast<std::uint32_t>(prompt.signatures));
    append_text(message, "problem", std::string(core::name_of(prompt.problem)));
    if (prompt.requester.pid != 0)
        append_entry(message, "requester-pid", "u", prompt.requester.pid);
    append_text(message, "requester-executable", prompt.requester.executable);
    append_text(message, "requester-unit", prompt.requester.unit);
    append_text(message, "requester-sandbox", prompt.requester.sandbox);
    append_text(message, "requester-terminal", prompt.requester.terminal);
    append_entry(message, "requester-verified", "b", prompt.requester.verified);
    append_text(message, "requester-claims", prompt.requester.claims);
    sdbus::check(sd_bus_message_close_container(message), "cannot ask for the PIN");
}

Error error_of(const sd_bus_error* error, std::chrono::seconds timeout) {
    const ErrorCode code = error_code_from_dbus(error->name);
    if (code == ErrorCode::Cancelled)
        return {code, "the PIN was not given"};
    if (code == ErrorCode::TimedOut && std::string_view(error->name) == "org.freedesktop.DBus.Error.Timeout")
        return {code, fmt::format("nobody answered within {} seconds", timeout.count())};
    return {ErrorCode::AgentUnavailable, "the program that was asking for the PIN has gone"};
}

Error nonsense() {
    return {ErrorCode::AgentUnavailable, "the program that asks for PINs answered nonsense"};
}

core::PinAnswer read_pin(sd_bus_message* reply) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_bus_message_read_array(reply, 'y', &data, &size) < 0 || size > PinValue::max_length)
        return nonsense();
    PinValue pin;
    pin.append({static_cast<const std::uint8_t*>(data), size});
    return pin;
}

core::ConfirmAnswer read_agreement(sd_bus_message* reply) {
    int agreed = 0;
    if (sd_bus_message_read_basic(reply, 'b', &agreed) < 0)
        return nonsense();
    return agreed != 0;
}

/// A callback on the reply that hands on what `read` makes of it, or its error.
template <class Answer>
std::function<void(sd_bus_message*)> answering(Answer (*read)(sd_bus_message*), std::chrono::seconds timeout,
                                               std::function<void(Answer)> answer) {
    return [read, timeout, answer = std::move(answer)](sd_bus_message* reply) {
        if (const sd_bus_error* error = sd_bus_message_get_error(reply))
            answer(error_of(error, timeout));
        else
            answer(read(reply));
    };
}

} // namespace

AgentProxy::AgentProxy(sd_bus* bus, std::string path, bool interactive, std::chrono::seconds timeout)
    : bus_(sd_bus_ref(bus)), path_(std::move(path)), interactive_(interactive), timeout_(timeout) {}

AgentProxy::~AgentProxy() = default;

sdbus::MessagePtr AgentProxy::new_question(const char* method, const std::string& id) const {
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_call(bus_.get(), &raw, nullptr, path_.c_str(),
                                                names::agent_interface, method),
                 "cannot ask for the PIN");
    sdbus::MessagePtr call(raw);
    append_value(raw, id);
    return call;
}

void AgentProxy::send_question(const std::string& id, sd_bus_message* call,
                               std::function<void(sd_bus_message*)> on_answer) {
    auto pending = std::make_unique<Pending>(Pending{this, id, std::move(on_answer), {}});
    const auto timeout = std::chrono::microseconds(timeout_).count();
    sd_bus_slot* slot = nullptr;
    if (sd_bus_call_async(bus_.get(), &slot, call, on_reply, pending.get(),
                          static_cast<std::uint64_t>(timeout)) < 0)
        throw Error(ErrorCode::AgentUnavailable, "the program that was to ask for the PIN has gone");
    pending->slot.reset(slot);
    pending_.emplace(id, std::move(pending));
}

void AgentProxy::request_pin(const std::string& id, const core::Prompt& prompt,
                             std::function<void(core::PinAnswer)> answer) {
    const sdbus::MessagePtr call = new_question("RequestPin", id);
    append_details(call.get(), prompt);
    send_question(id, call.get(), answering(read_pin, timeout_, std::move(answer)));
}

void AgentProxy::request_new_pin(const std::string& id, const core::Prompt& prompt,
                                 std::function<void(core::PinAnswer)> answer) {
    const sdbus::MessagePtr call = new_question("RequestNewPin", id);
    append_details(call.get(), prompt);
    send_question(id, call.get(), answering(read_pin, timeout_, std::move(answer)));
}

void AgentProxy::confirm(const std::string& id, core::Question question, const core::Prompt& prompt,
                         std::function<void(core::ConfirmAnswer)> answer) {
    const sdbus::MessagePtr call = new_question("Confirm", id);
    append_value(call.get(), core::name_of(question));
    append_details(call.get(), prompt);
    send_question(id, call.get(), answering(read_agreement, timeout_, std::move(answer)));
}

void AgentProxy::show_pin_pad(const std::string& id, const core::Prompt& prompt,
                              std::function<void(Error)> declined) {
    const sdbus::MessagePtr call = new_question("ShowPinPad", id);
    append_details(call.get(), prompt);
    send_question(id, call.get(),
                  [declined = std::move(declined), timeout = timeout_](sd_bus_message* reply) {
                      const sd_bus_error* error = sd_bus_message_get_error(reply);
                      if (error != nullptr && error_code_from_dbus(error->name) != ErrorCode::TimedOut)
                          declined(error_of(error, timeout));
                  });
}

int AgentProxy::on_reply(sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept {
    auto* pending = static_cast<Pending*>(userdata);
    AgentProxy* proxy = pending->proxy;
    const auto node = proxy->pending_.extract(pending->request_id); // ours until the end of this function
    try {
        sdbus::check(sd_bus_message_sensitive(reply), "cannot read an answer"); // wiped when it is freed
        if (const sd_bus_error* error = sd_bus_message_get_error(reply);
            error != nullptr && error_code_from_dbus(error->name) == ErrorCode::TimedOut)
            proxy->send_cancel(pending->request_id, ErrorCode::TimedOut);
        pending->on_answer(reply);
    } catch (const std::exception& error) {
        log::error(error.what());
    }
    return 1;
}

void AgentProxy::cancel(const std::string& request_id, ErrorCode reason) {
    if (pending_.erase(request_id) > 0)
        send_cancel(request_id, reason);
}

void AgentProxy::release(const std::string& job) {
    std::erase_if(pending_, [&job](const auto& entry) { return entry.first.starts_with(job + "_"); });
    (void)sd_bus_call_method_async(bus_.get(), nullptr, nullptr, path_.c_str(), names::agent_interface,
                                   "Release", nullptr, nullptr, "s", job.c_str());
}

void AgentProxy::send_cancel(const std::string& request_id, ErrorCode reason) noexcept {
    // No answer is wanted, and an agent that has hung up has nothing to take away.
    (void)sd_bus_call_method_async(bus_.get(), nullptr, nullptr, path_.c_str(), names::agent_interface,
                                   "Cancel", nullptr, nullptr, "ss", request_id.c_str(),
                                   error_dbus_name(reason).c_str());
}

} // namespace digisign::bus
