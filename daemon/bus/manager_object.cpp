// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Manager

#include "config.hpp"
#include "daemon/bus/endpoint.hpp"
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

} // namespace

const sd_bus_vtable manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Version", "s", (property_getter<Endpoint, version>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("PcscState", "s", (property_getter<Endpoint, pcsc_state>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("AgentAvailable", "b", (property_getter<Endpoint, agent_available>), 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
