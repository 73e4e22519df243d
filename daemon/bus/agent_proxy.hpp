// SPDX-License-Identifier: LGPL-2.1-or-later
// An agent at the other end of a private connection.

#pragma once

#include "daemon/core/agent.hpp"
#include "sdbus/handles.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace digisign::bus {

class AgentProxy final : public core::Agent {
public:
    /// `path`: where the peer of `bus` serves org.digisign.DigiSign1.Agent. It has `timeout` for each answer.
    AgentProxy(sd_bus* bus, std::string path, bool interactive, std::chrono::seconds timeout);
    ~AgentProxy() override;

    AgentProxy(const AgentProxy&) = delete;
    AgentProxy& operator=(const AgentProxy&) = delete;

    bool interactive() const override { return interactive_; }
    void request_pin(const std::string& id, const core::Prompt& prompt,
                     std::function<void(core::PinAnswer)> answer) override;
    void request_new_pin(const std::string& id, const core::Prompt& prompt,
                         std::function<void(core::PinAnswer)> answer) override;
    void confirm(const std::string& id, core::Question question, const core::Prompt& prompt,
                 std::function<void(core::ConfirmAnswer)> answer) override;
    void show_pin_pad(const std::string& id, const core::Prompt& prompt,
                      std::function<void(Error)> declined) override;
    void cancel(const std::string& id, ErrorCode reason) override;
    void release(const std::string& job) override;

private:
    struct Pending;

    sdbus::MessagePtr new_question(const char* method, const std::string& id) const;
    void send_question(const std::string& id, sd_bus_message* call,
                       std::function<void(sd_bus_message*)> on_answer);
    static int on_reply(sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept;
    void send_cancel(const std::string& id, ErrorCode reason) noexcept;

    sdbus::BusRef bus_; ///< a job may hold the proxy a little longer than the connection lasts
    std::string path_;
    bool interactive_;
    std::chrono::seconds timeout_;
    std::map<std::string, std::unique_ptr<Pending>> pending_;
};

} // namespace digisign::bus
