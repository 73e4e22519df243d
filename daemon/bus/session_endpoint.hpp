// SPDX-License-Identifier: LGPL-2.1-or-later
// The daemon's objects on the session bus.

#pragma once

#include "daemon/bus/endpoint.hpp"

#include <map>
#include <memory>

namespace digisign::bus {

class SessionEndpoint final : public Endpoint {
public:
    /// Connects to the user's session bus. Losing it later ends the loop.
    SessionEndpoint(Core core, sd_event* event);
    ~SessionEndpoint() override;

    /// Last step of the set-up: from now on calls come in. Throws Error(ServiceUnavailable) if another daemon
    /// has it.
    void acquire_name();

    core::ClientId client_of(sd_bus_message* message) override;
    std::string sender_element(core::ClientId client) const override;
    std::optional<core::ClientId> client_with_element(std::string_view element) const override;
    const char* destination(core::ClientId client) const override;
    void identify(core::ClientId client, std::function<void(const core::Requester&)> known) override;

private:
    struct Client;

    SessionEndpoint(Core core, sdbus::BusPtr bus);

    static int on_gone(sd_bus_track* track, void* userdata) noexcept;
    const Client& find(core::ClientId client) const;

    sdbus::BusPtr owned_bus_;
    std::map<std::string, std::unique_ptr<Client>, std::less<>> clients_; ///< by unique name
};

} // namespace digisign::bus
