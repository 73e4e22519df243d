// SPDX-License-Identifier: LGPL-2.1-or-later
// Connections to the session bus and to the private socket of digisignd; every call on them has a deadline.

#pragma once

#include "client/message.hpp"
#include "client/poll_loop.hpp"
#include "common/error.hpp"
#include "sdbus/handles.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace digisign::client {

/// Long enough for the start of a service by bus activation.
inline constexpr std::chrono::seconds call_timeout{15};
inline constexpr std::chrono::seconds connect_timeout{5};

/// What both kinds of connection can do. A connection belongs to the thread of its loop. Nothing here may be
/// called from within a handler except Connection::send().
class Connection : private PollLoop::Source {
public:
    using Handler = std::function<void(Message&)>;

    /// A match on signals; ends with the object.
    class Subscription {
    public:
        Subscription() = default;

    private:
        friend class Connection;
        std::unique_ptr<std::pair<Connection*, Handler>> target_;
        sdbus::SlotPtr slot_; ///< goes before the target it points to
    };

    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Message new_call(const char* destination, const std::string& path, const char* interface,
                     const char* member);

    /// Sends and waits for the answer, serving the loop meanwhile. Throws the service's Error,
    /// ServiceUnavailable if there is no service, TimedOut.
    Message call(const Message& request, std::chrono::microseconds timeout = call_timeout);

    /// As call(), but if the service answers with an error, or not in time, returns an empty message. What
    /// else makes the loop fail meanwhile is thrown.
    Message try_call(const Message& request, std::chrono::microseconds timeout = call_timeout);

    /// Without waiting for an answer.
    void send(const Message& message);

    /// `rule` is a match rule of the D-Bus specification.
    [[nodiscard]] Subscription subscribe(const std::string& rule, Handler handler);

    /// Whether the other side has hung up.
    bool closed() const { return closed_; }

    PollLoop& loop() const { return loop_; }
    sd_bus* get() const { return bus_.get(); }

protected:
    explicit Connection(PollLoop& loop) : loop_(loop) {}

    /// Takes over a started sd_bus and waits until it is authenticated: sd_bus_call()'s time-out does not
    /// cover that.
    void attach(sdbus::BusPtr bus, const std::string& peer_name);

private:
    int descriptor() const override;
    short events() const override;
    Deadline wake_up() const override;
    bool dispatch(short revents) override;

    /// The answer, which may be an error.
    Message exchange(const Message& request, std::chrono::microseconds timeout);

    PollLoop& loop_;
    sdbus::BusPtr bus_;
    bool closed_ = false;
};

/// The session bus at DBUS_SESSION_BUS_ADDRESS, $XDG_RUNTIME_DIR/bus or /run/user/UID/bus, whichever is there
/// first: over SSH the variables may be missing. Throws Error(ServiceUnavailable).
class SessionConnection : public Connection {
public:
    explicit SessionConnection(PollLoop& loop);
};

/// Starts digisignd by bus activation if it does not run; returns its version.
std::string start_daemon(Connection& session);

/// The private socket of a digisignd of the same user. Throws Error(ServiceUnavailable), also if somebody
/// else listens.
class PrivateConnection : public Connection {
public:
    explicit PrivateConnection(PollLoop& loop);
};

} // namespace digisign::client
