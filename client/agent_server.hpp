// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves org.digisign.DigiSign1.Agent on the private socket, so that digisignd can ask this program for PINs.

#pragma once

#include "client/connection.hpp"
#include "client/prompter.hpp"

#include <string>

namespace digisign::client {

class AgentServer {
public:
    enum class Kind {
        Interactive, ///< a person answers
        Scripted,    ///< asked once per job for each thing, never for the last try, and never to agree
    };

    /// Registers with the daemon. `prompter` lives longer.
    AgentServer(PrivateConnection& connection, Prompter& prompter, Kind kind);
    AgentServer(const AgentServer&) = delete;
    AgentServer& operator=(const AgentServer&) = delete;

    /// For RequestOptions::agent.
    const std::string& id() const { return id_; }

    /// The interface as served, for the contract test.
    static const sd_bus_vtable* vtable();

private:
    /// Between sd-bus and a method; an exception ends the loop's run.
    template <void (AgentServer::*method)(Message)>
    static int on_call(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    // Each sees to it that the message is answered, now or later.
    void method_request_pin(Message message);
    void method_request_new_pin(Message message);
    void method_confirm(Message message);
    void method_show_pin_pad(Message message);
    void method_cancel(Message message);
    void method_release(Message message);

    PrivateConnection& connection_;
    Prompter& prompter_;
    sdbus::SlotPtr slot_;
    std::string id_;
};

} // namespace digisign::client
