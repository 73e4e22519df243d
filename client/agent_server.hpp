// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves org.digisign.DigiSign1.Agent on the private socket, so that digisignd can ask this program for a
// PIN.

#pragma once

#include "client/connection.hpp"
#include "common/error.hpp"
#include "common/pin_value.hpp"

#include <map>
#include <optional>
#include <string>

namespace digisign::client {

/// Details of Agent.RequestPin, see its XML; empty or absent where not given.
struct PinRequest {
    enum class Problem { None, Incorrect, Length, Characters };

    std::string id;
    std::string purpose; ///< "sign", "verify-pin"
    std::string pin;     ///< label
    std::string role;
    std::string token;
    std::string reader;
    unsigned min_length = 0;
    unsigned max_length = 0;
    bool only_digits = false;
    std::optional<unsigned> tries_left;
    std::string key;
    std::string certificate; ///< common name
    std::string document;    ///< claimed
    Problem problem = Problem::None;
    std::optional<unsigned> requester_pid;
    std::string requester_executable;
    std::string requester_claims;
};

/// The one chance to answer a request; a reply that is destroyed unused declines it.
class PinReply {
public:
    PinReply(Connection& connection, Message request)
        : connection_(&connection), request_(std::move(request)) {}
    ~PinReply();

    PinReply(PinReply&&) noexcept = default;
    PinReply& operator=(PinReply&&) noexcept = delete;

    void answer(const PinValue& pin);
    /// Cancelled says that the person declined.
    void decline(ErrorCode code, const std::string& reason);

private:
    Connection* connection_;
    Message request_; ///< empty once answered
};

/// Asks a person, or whatever stands for one. Both calls return at once; the answer is given when it is
/// there.
class PinPrompter {
public:
    virtual ~PinPrompter() = default;

    virtual void request_pin(PinRequest request, PinReply reply) = 0;
    /// The request is over for the reason given; no answer is expected any more.
    virtual void cancel(const std::string& request_id, ErrorCode reason) = 0;
};

class AgentServer {
public:
    enum class Kind {
        Interactive, ///< a person answers
        Scripted,    ///< asked once per job, and never for the last try
    };

    /// Registers with the daemon. `prompter` lives longer.
    AgentServer(PrivateConnection& connection, PinPrompter& prompter, Kind kind);
    AgentServer(const AgentServer&) = delete;
    AgentServer& operator=(const AgentServer&) = delete;

    /// For RequestOptions::agent.
    const std::string& id() const { return id_; }

    /// The interface as served, for the contract test.
    static const sd_bus_vtable* vtable();

private:
    static int method_request_pin(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int method_cancel(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    PrivateConnection& connection_;
    PinPrompter& prompter_;
    sdbus::SlotPtr slot_;
    std::string id_;
};

} // namespace digisign::client
