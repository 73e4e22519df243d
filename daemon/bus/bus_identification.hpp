// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks a message bus which process a connection belongs to.

#pragma once

#include "daemon/bus/describe_process.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <string>

namespace digisign::bus {

class BusIdentification {
public:
    /// `known` is called once from the loop, unless this object is destroyed before; it may destroy it.
    BusIdentification(sd_bus* bus, std::string name, std::function<void(core::Requester)> known);

    BusIdentification(const BusIdentification&) = delete;
    BusIdentification& operator=(const BusIdentification&) = delete;

private:
    void ask(const char* member, sd_bus_message_handler_t handler);
    void on_credentials(sd_bus_message* reply);
    void on_process_id(sd_bus_message* reply);
    void finish();

    /// A callback of sd-bus for a member function that takes the reply.
    template <void (BusIdentification::*handle)(sd_bus_message*)>
    static int forward(sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept;

    sd_bus* bus_;
    std::string name_;
    std::function<void(core::Requester)> known_;
    Peer peer_;
    sdbus::SlotPtr asking_;
};

} // namespace digisign::bus
