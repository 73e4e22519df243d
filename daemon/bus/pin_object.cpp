// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Pin

#include "daemon/bus/job_starter.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

#include <algorithm>

namespace digisign::bus {

namespace {

using core::Pin;

std::string label(const Pin& pin) {
    return pin.description.label;
}
std::string_view role(const Pin& pin) {
    return core::name_of(pin.description.role);
}
std::string_view state(const Pin& pin) {
    return core::state_name(pin);
}
std::uint32_t min_length(const Pin& pin) {
    return static_cast<std::uint32_t>(pin.description.min_length);
}
std::uint32_t max_length(const Pin& pin) {
    return static_cast<std::uint32_t>(pin.description.max_length);
}

std::int32_t tries_left(const Pin& pin) {
    if (!pin.status || (!pin.status->tries_left && !pin.status->blocked))
        return -1;
    return pin.status->blocked ? 0 : static_cast<std::int32_t>(*pin.status->tries_left);
}

bool can_change(const Pin& pin) {
    return pin.description.can_change;
}
bool can_unblock(const Pin& pin) {
    return pin.description.can_unblock;
}

ObjectPath puk(const Pin& pin) {
    const auto reference = pin.description.puk_reference;
    const Pin* puk = reference ? pin.token.find_pin(*reference) : nullptr;
    return {puk != nullptr ? object_path::of(*puk) : "/"};
}

void start(Endpoint& endpoint, const Pin& pin, sd_bus_message* message, const Options& options,
           decltype(core::JobRequest::work) work) {
    core::JobRequest request;
    request.session = pin.token.session();
    request.work = work;
    start_job(endpoint, message, options, std::move(request), /*may_ask=*/true);
}

void refuse_puk(const Pin& pin) {
    if (pin.description.role == card::PinRole::Puk)
        throw Error(ErrorCode::NotSupported, "a PUK cannot be tested: it is only sent to unblock a PIN");
}

void method_verify(Endpoint& endpoint, const Pin& pin, sd_bus_message* message) {
    const Options options = read_job_options(message);
    refuse_puk(pin);
    start(endpoint, pin, message, options, core::VerifyPinWork{pin.description.reference, false});
}

void method_login(Endpoint& endpoint, const Pin& pin, sd_bus_message* message) {
    const Options options = read_job_options(message);
    refuse_puk(pin);
    const auto guarded = [&pin](const core::Key& key) {
        return key.description.pin_reference == pin.description.reference &&
               !key.description.always_authenticate;
    };
    if (std::ranges::none_of(pin.token.keys(), guarded))
        throw Error(ErrorCode::NotSupported,
                    pin.description.label + " is asked for each signature; a login would be of no use");
    if (!endpoint.core().settings.login.allowed)
        throw Error(ErrorCode::PolicyForbids, "the configuration does not allow to stay logged in");
    start(endpoint, pin, message, options, core::VerifyPinWork{pin.description.reference, true});
}

void method_change(Endpoint& endpoint, const Pin& pin, sd_bus_message* message) {
    const Options options = read_job_options(message);
    if (!pin.description.can_change)
        throw Error(ErrorCode::NotSupported,
                    "the card does not let its holder change " + pin.description.label);
    start(endpoint, pin, message, options,
          core::SetPinWork{core::SetPinRequest::Proof::OldPin, pin.description.reference});
}

void method_unblock(Endpoint& endpoint, const Pin& pin, sd_bus_message* message) {
    const Options options = read_job_options(message);
    if (!pin.description.can_unblock)
        throw Error(ErrorCode::NotSupported, pin.description.label + " cannot be unblocked with a PUK");
    start(endpoint, pin, message, options,
          core::SetPinWork{core::SetPinRequest::Proof::Puk, pin.description.reference});
}

} // namespace

const sd_bus_vtable pin_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Verify", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Pin, method_verify>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Login", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Pin, method_login>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Change", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Pin, method_change>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Unblock", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Pin, method_unblock>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Label", "s", (property_getter<Pin, label>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Role", "s", (property_getter<Pin, role>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", (property_getter<Pin, state>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("TriesLeft", "i", (property_getter<Pin, tries_left>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("MinLength", "u", (property_getter<Pin, min_length>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("MaxLength", "u", (property_getter<Pin, max_length>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("CanChange", "b", (property_getter<Pin, can_change>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("CanUnblock", "b", (property_getter<Pin, can_unblock>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Puk", "o", (property_getter<Pin, puk>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
