// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns changes of the registry into signals on every endpoint.

#pragma once

#include "daemon/bus/private_socket.hpp"
#include "daemon/bus/session_endpoint.hpp"

namespace digisign::bus {

class Broadcaster final : public core::RegistryObserver {
public:
    /// From now on; before, nobody hears. Both exist as long as there are changes.
    void send_to(const SessionEndpoint& session, PrivateSocket& peers) {
        session_ = &session;
        peers_ = &peers;
    }

    void on_default_agent_changed() const;
    void on_logins_changed() const;
    /// Told to the client alone, if it has not ended the login itself.
    void on_login_ended(const core::Login& login, core::LoginEnd reason) const;
    void on_slots_changed() const;

    void on_pcsc_state_changed() override;
    void on_reader_added(const core::Reader& reader) override;
    void on_reader_changed(const core::Reader& reader) override;
    void on_reader_removing(const core::Reader& reader) override;
    void on_token_added(const core::Token& token) override;
    void on_token_changed(const core::Token& token) override;
    void on_pin_changed(const core::Pin& pin) override;
    void on_token_removing(const core::Token& token) override;

private:
    template <typename Emit>
    void on_each_bus(Emit emit) const;

    const SessionEndpoint* session_ = nullptr;
    PrivateSocket* peers_ = nullptr;
};

} // namespace digisign::bus
