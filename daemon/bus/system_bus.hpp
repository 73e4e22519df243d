// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection to the system bus, made anew whenever it breaks. That there is none, now or at all, is no
// fault, and nothing here ever waits for it.

#pragma once

#include "sdbus/event_loop.hpp"
#include "sdbus/handles.hpp"

#include <chrono>
#include <optional>

namespace digisign::bus {

class SystemBus {
public:
    class User {
    public:
        virtual ~User() = default;

        /// There is a new connection. It may not be up yet; what is sent and matched from here on waits for
        /// it.
        virtual void on_bus_opened(sd_bus* bus) = 0;

        /// The connection is lost; slots and replies of it go now.
        virtual void on_bus_lost() = 0;
    };

    /// Both outlive this object. `user` is called first by open().
    SystemBus(sdbus::EventLoop& loop, User& user) : loop_(loop), user_(user) {}
    ~SystemBus();

    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    void open();

private:
    void connect();
    void retry_later();
    static int on_connected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int on_disconnected(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    sdbus::EventLoop& loop_;
    User& user_;
    sdbus::BusPtr bus_;
    sdbus::SlotPtr connected_slot_;
    sdbus::SlotPtr disconnected_slot_;
    std::chrono::seconds retry_delay_{1}; ///< doubled by each failure, up to a minute
    std::optional<sdbus::EventLoop::TimerId> retry_;
};

} // namespace digisign::bus
