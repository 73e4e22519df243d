// SPDX-License-Identifier: LGPL-2.1-or-later
// The agents that are connected, and which of them is asked for a given job.

#pragma once

#include "daemon/core/agent.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace digisign::core {

class AgentBroker {
public:
    /// Called whenever default_available() may have changed.
    explicit AgentBroker(std::function<void()> on_default_changed);

    struct Registration {
        ClientId client;
        std::shared_ptr<Agent> agent; ///< shared with the jobs that are waiting for its answer
        bool is_default = false;
    };

    /// Returns the agent's id: unguessable, so that only those it was given to can have this agent asked.
    /// Throws Error(InvalidArgument) if the client has an agent already.
    std::string add(Registration registration);

    /// The client hung up; no effect if it has no agent.
    void remove(ClientId client);

    /// Named agent, else the client's own, else the newest default one.
    /// Throws Error(AgentUnavailable), also for a name that is not (or no longer) known.
    std::shared_ptr<Agent> choose(const std::string& named, ClientId client) const;

    bool default_available() const;

private:
    struct Entry {
        std::string id;
        Registration registration;
    };

    std::vector<Entry> entries_; ///< oldest first
    std::function<void()> on_default_changed_;
};

} // namespace digisign::core
