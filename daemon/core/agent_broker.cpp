// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/agent_broker.hpp"

#include "common/bytes.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <ranges>

namespace digisign::core {

namespace {

std::string random_id() {
    std::array<std::uint8_t, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Error(ErrorCode::Internal, "the kernel gave no random bytes");
    return to_hex(bytes);
}

} // namespace

AgentBroker::AgentBroker(std::function<void()> on_default_changed)
    : on_default_changed_(std::move(on_default_changed)) {}

std::string AgentBroker::add(Registration registration) {
    if (std::ranges::any_of(entries_,
                            [&](const Entry& e) { return e.registration.client == registration.client; }))
        throw Error(ErrorCode::InvalidArgument, "this connection has registered an agent already");
    entries_.push_back({random_id(), std::move(registration)});
    on_default_changed_();
    return entries_.back().id;
}

void AgentBroker::remove(ClientId client) {
    if (std::erase_if(entries_, [&](const Entry& e) { return e.registration.client == client; }) > 0)
        on_default_changed_();
}

std::shared_ptr<Agent> AgentBroker::choose(const std::string& named, ClientId client) const {
    if (!named.empty()) {
        const auto entry = std::ranges::find(entries_, named, &Entry::id);
        if (entry == entries_.end())
            throw Error(ErrorCode::AgentUnavailable,
                        "the program that was to ask for the PIN is not connected");
        return entry->registration.agent;
    }
    for (const Entry& entry : entries_)
        if (entry.registration.client == client)
            return entry.registration.agent;
    for (const Entry& entry : entries_ | std::views::reverse)
        if (entry.registration.is_default)
            return entry.registration.agent;
    throw Error(ErrorCode::AgentUnavailable, "no program is there to ask for the PIN");
}

bool AgentBroker::default_available() const {
    return std::ranges::any_of(entries_, [](const Entry& e) { return e.registration.is_default; });
}

} // namespace digisign::core
