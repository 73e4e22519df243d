// SPDX-License-Identifier: LGPL-2.1-or-later
// Cryptoki's methods for log-ins and PINs.

#include "daemon/bus/cryptoki_arguments.hpp"
#include "daemon/bus/cryptoki_job.hpp"
#include "daemon/bus/cryptoki_methods.hpp"

#include <utility>

namespace digisign::bus::cryptoki {

namespace {

const core::Pin& pin_of(const core::Slot& slot) {
    if (slot.pin == nullptr)
        throw Error(ErrorCode::NotSupported, "the card has no PIN");
    return *slot.pin;
}

/// Appends the next argument to `values`, unless it is empty.
void read_pin(sd_bus_message* message, std::deque<PinValue>& values) {
    const void* data = nullptr;
    std::size_t size = 0;
    sdbus::check(sd_bus_message_read_array(message, 'y', &data, &size), "cannot read the call");
    if (size > PinValue::max_length)
        throw Error(ErrorCode::PinLengthInvalid, "no PIN is as long as that");
    if (size == 0)
        return;
    PinValue pin;
    pin.append({static_cast<const std::uint8_t*>(data), size});
    values.push_back(std::move(pin));
}

void append_nothing(sd_bus_message*, const core::JobResult&) {}

void start_set_pin(PrivateEndpoint& endpoint, sd_bus_message* message, core::SetPinRequest::Proof proof) {
    const core::Slot slot = read_slot(endpoint, message);
    const card::PinDescription& pin = pin_of(slot).description;
    if (!(proof == core::SetPinRequest::Proof::Puk ? pin.can_unblock : pin.can_change))
        throw Error(ErrorCode::NotSupported, "the card does not allow that for " + pin.label);
    std::deque<PinValue> given;
    read_pin(message, given);
    read_pin(message, given);
    if (given.size() == 1)
        throw Error(ErrorCode::InvalidArgument, "both values have to be given, or none");
    core::JobRequest request;
    request.session = slot.token->session();
    request.work = core::SetPinWork{proof, pin.reference};
    request.agent = agent_for(endpoint, std::move(given));
    start_job(endpoint, message, std::move(request), append_nothing);
}

} // namespace

void login(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    std::deque<PinValue> given;
    read_pin(message, given);
    if (!endpoint.core().settings.login.allowed)
        throw Error(ErrorCode::PolicyForbids, "the configuration does not allow to stay logged in");
    core::JobRequest request;
    request.session = slot.token->session();
    // A PIN that is given is to be judged; one that would be asked for is not needed by who is logged in.
    const bool again = !given.empty();
    request.work = core::VerifyPinWork{pin_of(slot).description.reference, /*login=*/true, again};
    request.agent = agent_for(endpoint, std::move(given));
    start_job(endpoint, message, std::move(request), append_nothing);
}

void logout(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    const bool linger = read_flag(message);
    if (slot.pin != nullptr) {
        core::LoginTable& logins = endpoint.core().logins;
        const core::ClientId client = endpoint.client_of(message);
        const core::CardSessionId session = slot.token->session();
        const std::uint8_t pin = slot.pin->description.reference;
        if (linger)
            logins.linger(client, session, pin);
        else
            logins.end_all_of(client, session, pin);
    }
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

void set_pin(PrivateEndpoint& endpoint, sd_bus_message* message) {
    start_set_pin(endpoint, message, core::SetPinRequest::Proof::OldPin);
}

void unblock_pin(PrivateEndpoint& endpoint, sd_bus_message* message) {
    start_set_pin(endpoint, message, core::SetPinRequest::Proof::Puk);
}

} // namespace digisign::bus::cryptoki
