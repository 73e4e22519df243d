// SPDX-License-Identifier: LGPL-2.1-or-later
// An agent at the other end of a private connection.

#pragma once

#include "daemon/core/agent.hpp"
#include "sdbus/handles.hpp"

#include <map>
#include <string>

namespace digisign::bus {

class AgentProxy final : public core::Agent {
public:
    /// `path`: where the peer of `bus` serves org.digisign.DigiSign1.Agent.
    AgentProxy(sd_bus* bus, std::string path, bool interactive);
    ~AgentProxy() override;

    AgentProxy(const AgentProxy&) = delete;
    AgentProxy& operator=(const AgentProxy&) = delete;

    bool interactive() const override { return interactive_; }
    void request_pin(const std::string& request_id, const core::PinPrompt& prompt,
                     std::function<void(core::PinAnswer)> answer) override;
    void cancel(const std::string& request_id, ErrorCode reason) override;

private:
    struct Pending;

    static int on_reply(sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept;
    void send_cancel(const std::string& request_id, ErrorCode reason) noexcept;

    sdbus::BusRef bus_; ///< a job may hold the proxy a little longer than the connection lasts
    std::string path_;
    bool interactive_;
    std::map<std::string, std::unique_ptr<Pending>> pending_;
};

} // namespace digisign::bus
