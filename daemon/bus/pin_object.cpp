// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Pin

#include "daemon/bus/job_starter.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/names.hpp"

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

void method_verify(Endpoint& endpoint, const Pin& pin, sd_bus_message* message) {
    const Options options = read_job_options(message);
    if (pin.description.role == card::PinRole::Puk)
        throw Error(ErrorCode::NotSupported, "a PUK cannot be tested: it is only sent to unblock a PIN");
    core::JobRequest request;
    request.session = pin.token.session();
    request.pin_reference = pin.description.reference;
    request.work = core::VerifyPinWork{};
    start_job(endpoint, message, options, std::move(request));
}

} // namespace

const sd_bus_vtable pin_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Verify", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Pin, method_verify>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Label", "s", (property_getter<Pin, label>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Role", "s", (property_getter<Pin, role>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", (property_getter<Pin, state>), 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("TriesLeft", "i", (property_getter<Pin, tries_left>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("MinLength", "u", (property_getter<Pin, min_length>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("MaxLength", "u", (property_getter<Pin, max_length>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
