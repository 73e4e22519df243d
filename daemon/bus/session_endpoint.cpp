// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/session_endpoint.hpp"

#include "common/names.hpp"
#include "daemon/bus/bus_identification.hpp"
#include "daemon/bus/object_path.hpp"

#include <cerrno>
#include <utility>
#include <vector>

namespace digisign::bus {

struct SessionEndpoint::Client {
    SessionEndpoint* endpoint = nullptr;
    std::string name;
    core::ClientId id{};
    std::optional<core::Requester> requester; ///< empty until the bus has told its process
    std::vector<std::function<void(const core::Requester&)>> waiting;
    sdbus::TrackPtr track;
    std::unique_ptr<BusIdentification> identification;
};

namespace {

sdbus::BusPtr open_session_bus(sd_event* event) {
    sd_bus* raw = nullptr;
    const int result = sd_bus_open_user_with_description(&raw, "session");
    if (result < 0)
        throw Error(ErrorCode::ServiceUnavailable,
                    error_from_errno(-result, "cannot connect to the session bus").what());
    sdbus::BusPtr bus(raw);
    sdbus::check(sd_bus_set_exit_on_disconnect(raw, 1), "cannot set up the session bus");
    sdbus::check(sd_bus_attach_event(raw, event, SD_EVENT_PRIORITY_NORMAL), "cannot set up the session bus");
    return bus;
}

} // namespace

SessionEndpoint::SessionEndpoint(Core core, sd_event* event)
    : SessionEndpoint(core, open_session_bus(event)) {}

SessionEndpoint::SessionEndpoint(Core core, sdbus::BusPtr bus)
    : Endpoint(core, bus.get()), owned_bus_(std::move(bus)) {}

SessionEndpoint::~SessionEndpoint() = default;

void SessionEndpoint::acquire_name() {
    const int result = sd_bus_request_name(bus(), names::daemon_bus, 0);
    if (result == -EEXIST || result == -EALREADY)
        throw Error(ErrorCode::ServiceUnavailable, "another digisignd is running on this session bus");
    sdbus::check(result, "cannot take the bus name");
}

core::ClientId SessionEndpoint::client_of(sd_bus_message* message) {
    const char* sender = sd_bus_message_get_sender(message);
    if (sender == nullptr)
        throw Error(ErrorCode::InvalidArgument, "the message names no sender");
    if (const auto known = clients_.find(sender); known != clients_.end())
        return known->second->id;
    auto client = std::make_unique<Client>();
    client->endpoint = this;
    client->name = sender;
    client->id = new_client_id();
    sd_bus_track* track = nullptr;
    sdbus::check(sd_bus_track_new(bus(), &track, on_gone, client.get()), "cannot watch the caller");
    client->track.reset(track);
    sdbus::check(sd_bus_track_add_name(track, sender), "cannot watch the caller");
    const core::ClientId id = client->id;
    clients_.emplace(client->name, std::move(client));
    return id;
}

int SessionEndpoint::on_gone(sd_bus_track*, void* userdata) noexcept {
    auto* client = static_cast<Client*>(userdata);
    SessionEndpoint* endpoint = client->endpoint;
    endpoint->client_gone(client->id);
    endpoint->clients_.erase(std::string(client->name)); // a copy: the key must not go with its entry
    return 0;
}

const SessionEndpoint::Client& SessionEndpoint::find(core::ClientId client) const {
    for (const auto& [name, entry] : clients_)
        if (entry->id == client)
            return *entry;
    throw Error(ErrorCode::Internal, "an unknown client");
}

std::string SessionEndpoint::sender_element(core::ClientId client) const {
    return object_path::sender_element(find(client).name);
}

std::optional<core::ClientId> SessionEndpoint::client_with_element(std::string_view element) const {
    for (const auto& [name, entry] : clients_)
        if (object_path::sender_element(name) == element)
            return entry->id;
    return std::nullopt;
}

const char* SessionEndpoint::destination(core::ClientId client) const {
    return find(client).name.c_str();
}

void SessionEndpoint::identify(core::ClientId client, std::function<void(const core::Requester&)> known) {
    Client& entry = const_cast<Client&>(find(client)); // ours, and not const where it lives
    if (entry.requester) {
        known(*entry.requester);
        return;
    }
    entry.waiting.push_back(std::move(known));
    if (entry.identification)
        return;
    entry.identification =
        std::make_unique<BusIdentification>(bus(), entry.name, [&entry](core::Requester requester) {
            const auto finished = std::move(entry.identification); // calls us, so it goes last
            entry.requester = std::move(requester);
            for (const auto& tell : std::exchange(entry.waiting, {}))
                tell(*entry.requester);
        });
}

} // namespace digisign::bus
