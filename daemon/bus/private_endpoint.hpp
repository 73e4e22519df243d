// SPDX-License-Identifier: LGPL-2.1-or-later
// The daemon's objects for one peer of the private socket, and besides the interface by which it becomes an
// agent.

#pragma once

#include "common/unique_fd.hpp"
#include "daemon/bus/digest_streams.hpp"
#include "daemon/bus/endpoint.hpp"

namespace digisign::bus {

class PrivateEndpoint final : public Endpoint {
public:
    /// Takes an accepted connection. `on_hang_up` is called once, when the peer has gone and its jobs have
    /// ended; it may destroy the endpoint.
    PrivateEndpoint(Core core, sd_event* event, UniqueFd connection, core::Requester peer,
                    std::function<void(PrivateEndpoint&)> on_hang_up);

    core::ClientId client_of(sd_bus_message*) override { return client_; }
    std::string sender_element(core::ClientId) const override { return "private"; }
    std::optional<core::ClientId> client_with_element(std::string_view element) const override;
    const char* destination(core::ClientId) const override { return nullptr; }
    void identify(core::ClientId, std::function<void(const core::Requester&)> known) override {
        known(peer_);
    }

    /// Answers Cryptoki.GetSnapshot, now or when the readers have been looked at for the first time.
    void send_snapshot(sd_bus_message* call);
    /// The readers have been looked at.
    void answer_waiting_snapshots();
    /// For a peer that has a snapshot.
    void on_slots_changed() const;
    /// For the peer whose it was.
    void on_login_ended(const core::Login& login) const;

    DigestStreams& digest_streams() { return digest_streams_; }

private:
    PrivateEndpoint(Core core, sdbus::BusPtr bus, core::Requester peer,
                    std::function<void(PrivateEndpoint&)> on_hang_up);

    sdbus::SlotPtr match_local(const char* member, sd_bus_message_handler_t handler);
    static int on_connected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int on_leftover(sd_event_source* source, void* userdata) noexcept;
    static int on_disconnected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    sdbus::BusPtr owned_bus_;
    core::ClientId client_;
    core::Requester peer_;
    std::function<void(PrivateEndpoint&)> on_hang_up_;
    std::vector<sdbus::MessagePtr> waiting_snapshots_;
    bool has_snapshot_ = false;
    DigestStreams digest_streams_;
    sdbus::EventSourcePtr leftover_source_;
    sdbus::SlotPtr connected_slot_;
    sdbus::SlotPtr disconnected_slot_;
};

} // namespace digisign::bus
