// SPDX-License-Identifier: LGPL-2.1-or-later
// One sd-bus connection on which the daemon's objects are served: the session bus, or one peer of the private
// socket.

#pragma once

#include "daemon/core/agent_broker.hpp"
#include "daemon/core/job_table.hpp"
#include "daemon/core/login_table.hpp"
#include "daemon/core/registry.hpp"
#include "daemon/core/slot_table.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace digisign::bus {

/// The state that all endpoints show; lives as long as the daemon.
struct Core {
    core::Registry& registry;
    core::JobTable& jobs;
    core::AgentBroker& agents;
    core::LoginTable& logins;
    core::SlotTable& slots;
    core::EventLoop& loop;
    core::ReaderPort& readers;
    const configuration::Settings& settings;
};

class Endpoint {
public:
    /// Adds all objects to the connection. Both outlive the endpoint.
    Endpoint(Core core, sd_bus* bus);
    virtual ~Endpoint() = default;

    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    Core& core() { return core_; }
    const Core& core() const { return core_; }
    sd_bus* bus() const { return bus_; }

    /// The client that sent a message; noticed when it hangs up from now on.
    virtual core::ClientId client_of(sd_bus_message* message) = 0;

    /// Its element in the paths of its jobs, and back.
    virtual std::string sender_element(core::ClientId client) const = 0;
    virtual std::optional<core::ClientId> client_with_element(std::string_view element) const = 0;

    /// Where signals meant for it alone are sent; null on a connection that has no names.
    virtual const char* destination(core::ClientId client) const = 0;

    /// Calls back, now or later but on the loop thread, with who the client is; not at all if it hangs up
    /// first.
    virtual void identify(core::ClientId client, std::function<void(const core::Requester&)> known) = 0;

protected:
    /// Ends all that the client started.
    void client_gone(core::ClientId client);

    static core::ClientId new_client_id();

    /// Adds an interface that only this kind of endpoint serves, at the root object.
    void add_root_interface(const char* interface, const sd_bus_vtable* vtable);

private:
    void add_object_interface(const std::string& prefix, const char* interface, const sd_bus_vtable* vtable,
                              sd_bus_object_find_t find);

    Core core_;
    sd_bus* bus_;
    std::vector<sdbus::SlotPtr> slots_;
};

} // namespace digisign::bus
