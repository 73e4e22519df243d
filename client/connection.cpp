// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/connection.hpp"

#include "common/names.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace digisign::client {

namespace {

struct PendingReply {
    Message message;
    bool done = false;
};

int on_reply(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto* pending = static_cast<PendingReply*>(userdata);
    pending->message = Message::shared(message);
    pending->done = true;
    return 0;
}

int on_signal(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto* target = static_cast<std::pair<Connection*, Connection::Handler>*>(userdata);
    try {
        Message shared = Message::shared(message);
        target->second(shared);
    } catch (...) {
        target->first->loop().fail(std::current_exception());
    }
    return 0;
}

std::string service_name(const Message& request) {
    const char* destination = ::sd_bus_message_get_destination(request.get());
    return destination != nullptr ? destination : names::daemon_bus;
}

Error error_from_reply(const sd_bus_error& error, const std::string& service, bool timed_out) {
    const std::string message = error.message != nullptr ? error.message : error.name;
    const ErrorCode code = error_code_from_dbus(error.name);
    // The bus and sd-bus say "NoReply" both when time is up and when the service died before it answered.
    if (code == ErrorCode::TimedOut)
        return timed_out ? Error(code, service + " did not answer in time")
                         : Error(ErrorCode::ServiceUnavailable, service + " stopped before it answered");
    if (code == ErrorCode::ServiceUnavailable)
        return {code, service + " cannot be started: " + message};
    return {code, message};
}

} // namespace

Connection::~Connection() {
    loop_.remove(*this);
}

void Connection::attach(sdbus::BusPtr bus, const std::string& peer_name) {
    bus_ = std::move(bus);
    loop_.add(*this);
    const auto ready = [this] { return closed_ || ::sd_bus_is_ready(get()) > 0; };
    if (!loop_.run_until(ready, Clock::now() + connect_timeout))
        throw Error(ErrorCode::ServiceUnavailable, peer_name + " did not answer in time");
    if (closed_)
        throw Error(ErrorCode::ServiceUnavailable, peer_name + " refused the connection");
}

Message Connection::new_call(const char* destination, const std::string& path, const char* interface,
                             const char* member) {
    sd_bus_message* message = nullptr;
    const int result =
        ::sd_bus_message_new_method_call(get(), &message, destination, path.c_str(), interface, member);
    if (result < 0)
        throw Error(result == -ENOTCONN ? ErrorCode::ServiceUnavailable : ErrorCode::Internal,
                    "cannot make a D-Bus call: " + std::generic_category().message(-result));
    return Message(sdbus::MessagePtr(message));
}

Message Connection::call(const Message& request, std::chrono::microseconds timeout) {
    const Deadline deadline = Clock::now() + timeout;
    Message reply = exchange(request, timeout);
    if (const sd_bus_error* error = ::sd_bus_message_get_error(reply.get()))
        throw error_from_reply(*error, service_name(request), Clock::now() >= deadline);
    return reply;
}

Message Connection::try_call(const Message& request, std::chrono::microseconds timeout) {
    Message reply = exchange(request, timeout);
    return ::sd_bus_message_get_error(reply.get()) == nullptr ? std::move(reply) : Message();
}

Message Connection::exchange(const Message& request, std::chrono::microseconds timeout) {
    PendingReply pending;
    sd_bus_slot* slot = nullptr;
    const int result = ::sd_bus_call_async(get(), &slot, request.get(), on_reply, &pending,
                                           static_cast<std::uint64_t>(timeout.count()));
    const sdbus::SlotPtr owned_slot(slot); // a reply after an exception finds nobody
    if (result < 0)
        throw Error(ErrorCode::ServiceUnavailable, service_name(request) + " cannot be reached: " +
                                                       std::generic_category().message(-result));
    loop_.run_until([&pending] { return pending.done; });
    return std::move(pending.message);
}

void Connection::send(const Message& message) {
    // A peer that is gone needs no message; that it is gone shows in closed().
    (void)::sd_bus_send(get(), message.get(), nullptr);
}

Connection::Subscription Connection::subscribe(const std::string& rule, Handler handler) {
    Subscription subscription;
    subscription.target_ = std::make_unique<std::pair<Connection*, Handler>>(this, std::move(handler));
    sd_bus_slot* slot = nullptr;
    // Asynchronous, since the bus handles AddMatch before any call that follows it.
    const int result =
        ::sd_bus_add_match_async(get(), &slot, rule.c_str(), on_signal, nullptr, subscription.target_.get());
    if (result < 0)
        throw Error(ErrorCode::ServiceUnavailable,
                    "cannot subscribe to signals: " + std::generic_category().message(-result));
    subscription.slot_.reset(slot);
    return subscription;
}

int Connection::descriptor() const {
    return closed_ ? -1 : ::sd_bus_get_fd(get());
}

short Connection::events() const {
    const int events = closed_ ? 0 : ::sd_bus_get_events(get());
    return static_cast<short>(std::max(events, 0));
}

Deadline Connection::wake_up() const {
    std::uint64_t microseconds = UINT64_MAX;
    if (closed_ || ::sd_bus_get_timeout(get(), &microseconds) < 0 || microseconds == UINT64_MAX)
        return no_deadline;
    // sd-bus counts CLOCK_MONOTONIC, which is what steady_clock counts.
    return Deadline(std::chrono::microseconds(microseconds));
}

bool Connection::dispatch(short /*revents*/) {
    if (closed_)
        return false;
    const int result = ::sd_bus_process(get(), nullptr);
    if (result >= 0 && ::sd_bus_is_open(get()) > 0)
        return result > 0;
    if (result > 0)
        return true; // closing: sd-bus still fails the calls that wait for an answer
    closed_ = true;
    return true;
}

} // namespace digisign::client
