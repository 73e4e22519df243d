// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.AgentManager, on the private socket only.

#include "daemon/bus/agent_proxy.hpp"
#include "daemon/bus/endpoint.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"

#include <array>

namespace digisign::bus {

namespace {

void method_register_agent(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    static constexpr std::array known{Options::Known{"interactive", Options::Type::Flag},
                                      Options::Known{"default", Options::Type::Flag}};
    const std::string path = read_object_path(message);
    const Options options = Options::read(message, known);
    core::AgentBroker::Registration registration;
    registration.client = endpoint.client_of(message);
    registration.agent = std::make_shared<AgentProxy>(endpoint.bus(), path, options.flag("interactive", true),
                                                      endpoint.core().settings.prompt.timeout);
    registration.is_default = options.flag("default", false);
    const std::string id = endpoint.core().agents.add(std::move(registration));
    sdbus::check(sd_bus_reply_method_return(message, "s", id.c_str()), "cannot answer");
}

} // namespace

const sd_bus_vtable agent_manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS(
        "RegisterAgent", SD_BUS_ARGS("o", agent, "a{sv}", options), SD_BUS_RESULT("s", id),
        (method_handler<Endpoint, Endpoint, method_register_agent>), SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
