// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Cryptoki, on the private socket only.

#include "daemon/bus/private_endpoint.hpp"
#include "daemon/bus/snapshot.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/given_pins.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/names.hpp"
#include "daemon/crypto/digest.hpp"

#include <algorithm>

namespace digisign::bus {

namespace {

constexpr const char* reading = "cannot read the call";

core::Slot read_slot(const Endpoint& endpoint, sd_bus_message* message) {
    std::uint32_t id = 0;
    sdbus::check(sd_bus_message_read_basic(message, 'u', &id), reading);
    const auto slot = endpoint.core().slots.find(static_cast<core::SlotId>(id));
    if (!slot)
        throw Error(ErrorCode::NoReader, "the reader was disconnected");
    if (slot->token == nullptr)
        throw Error(ErrorCode::CardRemoved, "there is no such card in the reader");
    return *slot;
}

const core::Pin& pin_of(const core::Slot& slot) {
    if (slot.pin == nullptr)
        throw Error(ErrorCode::NotSupported, "the card has no PIN");
    return *slot.pin;
}

/// Appends the next argument to `values`, unless it is empty.
void read_pin(sd_bus_message* message, std::deque<PinValue>& values) {
    const void* data = nullptr;
    std::size_t size = 0;
    sdbus::check(sd_bus_message_read_array(message, 'y', &data, &size), reading);
    if (size > PinValue::max_length)
        throw Error(ErrorCode::PinLengthInvalid, "no PIN is as long as that");
    if (size == 0)
        return;
    PinValue pin;
    pin.append({static_cast<const std::uint8_t*>(data), size});
    values.push_back(std::move(pin));
}

Bytes read_data(sd_bus_message* message) {
    Bytes data = read_bytes(message);
    if (data.size() > core::limits::software_data)
        throw Error(ErrorCode::InvalidArgument, "the data is too long for one call");
    return data;
}

/// Those of the caller; or where it gave none whoever asks for the desktop, if there is anybody.
std::shared_ptr<core::Agent> agent_for(Endpoint& endpoint, std::deque<PinValue> given) {
    if (!given.empty())
        return std::make_shared<core::GivenPins>(endpoint.core().loop, std::move(given));
    if (!endpoint.core().agents.default_available())
        return nullptr;
    return endpoint.core().agents.choose("", core::ClientId{});
}

/// Starts the job and answers the call when it has ended, by `append` to the answer where it is done.
void start(Endpoint& endpoint, sd_bus_message* message, core::JobRequest request,
           std::function<void(sd_bus_message*, const core::JobResult&)> append) {
    request.client = endpoint.client_of(message);
    core::Job::Callbacks callbacks;
    callbacks.changed = [](const core::Job&) {};
    callbacks.finished =
        [call = std::shared_ptr<sd_bus_message>(sd_bus_message_ref(message), sd_bus_message_unref),
         append = std::move(append)](core::Job&, const core::JobOutcome& outcome) {
            if (outcome.error) {
                const std::string name = error_dbus_name(outcome.error->code());
                const sd_bus_error error{name.c_str(), outcome.error->what(), 0};
                (void)sd_bus_reply_method_error(call.get(), &error); // the caller may have hung up
                return;
            }
            sd_bus_message* raw = nullptr;
            if (sd_bus_message_new_method_return(call.get(), &raw) < 0)
                return; // hung up
            const sdbus::MessagePtr reply(raw);
            append(raw, outcome.result);
            (void)sd_bus_send(nullptr, raw, nullptr); // as above
        };
    const std::shared_ptr<core::Job> job =
        endpoint.core().jobs.create(std::move(request), std::move(callbacks));
    endpoint.identify(job->request().client,
                      [&job](const core::Requester& requester) { job->start(requester); });
}

void append_nothing(sd_bus_message*, const core::JobResult&) {}

void method_get_snapshot(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    static_cast<PrivateEndpoint&>(endpoint).send_snapshot(message);
}

void method_login(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    std::deque<PinValue> given;
    read_pin(message, given);
    if (!endpoint.core().settings.login.allowed)
        throw Error(ErrorCode::PolicyForbids, "the configuration does not allow to stay logged in");
    core::JobRequest request;
    request.session = slot.token->session();
    request.work = core::VerifyPinWork{pin_of(slot).description.reference, /*login=*/true, /*again=*/true};
    request.agent = agent_for(endpoint, std::move(given));
    start(endpoint, message, std::move(request), append_nothing);
}

void method_logout(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    if (slot.pin != nullptr)
        endpoint.core().logins.end_all_of(endpoint.client_of(message), slot.token->session(),
                                          slot.pin->description.reference);
    sdbus::check(sd_bus_reply_method_return(message, nullptr), "cannot answer");
}

void set_pin(Endpoint& endpoint, sd_bus_message* message, core::SetPinRequest::Proof proof) {
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
    start(endpoint, message, std::move(request), append_nothing);
}

void method_set_pin(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    set_pin(endpoint, message, core::SetPinRequest::Proof::OldPin);
}

void method_unblock_pin(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    set_pin(endpoint, message, core::SetPinRequest::Proof::Puk);
}

void method_sign(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    const Bytes id = read_bytes(message);
    const core::Key* key = slot.token->find_key(id);
    if (key == nullptr || !slot.holds(key->description.pin_reference))
        throw Error(ErrorCode::KeyNotFound, "the card has no such key");
    const std::string name = read_string(message);
    const auto mechanism = mechanism_from_name(name);
    if (!mechanism ||
        std::ranges::find(key->description.mechanisms, *mechanism) == key->description.mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported, "this key cannot sign with " + name);
    int digested = 0;
    sdbus::check(sd_bus_message_read_basic(message, 'b', &digested), reading);
    Bytes data = read_data(message);
    if (digested == 0 && mechanism->digest != Digest::None)
        data = crypto::digest_of(mechanism->digest, data);
    if (data.empty() || data.size() > core::limits::sign_data)
        throw Error(ErrorCode::DigestLengthInvalid, "the data to sign has an impossible length");
    core::JobRequest request;
    request.session = slot.token->session();
    core::SignWork work{core::SignWork::Kind::One, id, *mechanism, {}};
    work.items.push_back({{}, std::move(data)});
    request.work = std::move(work);
    request.agent = agent_for(endpoint, {});
    start(endpoint, message, std::move(request), [](sd_bus_message* reply, const core::JobResult& result) {
        append_value(reply, result.signatures.at(0));
    });
}

} // namespace

const sd_bus_vtable cryptoki_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS(
        "GetSnapshot", SD_BUS_NO_ARGS, SD_BUS_RESULT("t", generation, "aa{sv}", slots, "aa{sv}", objects),
        (method_handler<Endpoint, Endpoint, method_get_snapshot>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Login", SD_BUS_ARGS("u", slot, "ay", pin), SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_login>),
                            SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Logout", SD_BUS_ARGS("u", slot), SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_logout>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetPin", SD_BUS_ARGS("u", slot, "ay", old_pin, "ay", new_pin), SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_set_pin>),
                            SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("UnblockPin", SD_BUS_ARGS("u", slot, "ay", puk, "ay", new_pin), SD_BUS_NO_RESULT,
                            (method_handler<Endpoint, Endpoint, method_unblock_pin>),
                            SD_BUS_VTABLE_SENSITIVE | SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Sign",
                            SD_BUS_ARGS("u", slot, "ay", key, "s", mechanism, "b", digested, "ay", data),
                            SD_BUS_RESULT("ay", signature), (method_handler<Endpoint, Endpoint, method_sign>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("SlotsChanged", SD_BUS_ARGS("t", generation), 0),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
