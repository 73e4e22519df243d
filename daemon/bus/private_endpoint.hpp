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
    /// A peer that has a snapshot is told that it is no longer true; once, as it may not read for hours.
    void on_slots_changed();
    /// For the peer whose it was.
    void on_login_ended(const core::Login& login) const;

    /// A PKCS#11 module, which keeps a snapshot and has no use for signals about single objects.
    bool is_module() const { return is_module_; }

    /// The peer lets answers pile up.
    bool does_not_read() const;
    /// Ends the connection as if the peer had hung up. Not from within one of its callbacks.
    void drop();

    DigestStreams& digest_streams() { return digest_streams_; }

private:
    PrivateEndpoint(Core core, sdbus::BusPtr bus, core::Requester peer,
                    std::function<void(PrivateEndpoint&)> on_hang_up);

    void end();
    sdbus::SlotPtr match_local(const char* member, sd_bus_message_handler_t handler);
    static int on_connected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int on_leftover(sd_event_source* source, void* userdata) noexcept;
    static int on_disconnected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    sdbus::BusPtr owned_bus_;
    core::ClientId client_;
    core::Requester peer_;
    std::function<void(PrivateEndpoint&)> on_hang_up_;
    std::vector<sdbus::MessagePtr> waiting_snapshots_;
    bool is_module_ = false;
    bool has_snapshot_ = false; ///< that is true as far as it was told
    bool ended_ = false;
    DigestStreams digest_streams_;
    sdbus::EventSourcePtr leftover_source_;
    sdbus::SlotPtr connected_slot_;
    sdbus::SlotPtr disconnected_slot_;
};

} // namespace digisign::bus
