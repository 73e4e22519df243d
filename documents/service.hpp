// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.Documents1 on the session bus.

#pragma once

#include "documents/job_table.hpp"
#include "sdbus/event_loop.hpp"
#include "sdbus/handles.hpp"

#include <chrono>

namespace digisign::documents {

class Service {
public:
    /// Ends the loop once nothing was to be done for `idle_timeout`; the bus starts the service again when it
    /// is wanted. Owns the bus name from here on. Throws Error: ServiceUnavailable (no bus, or the name is
    /// taken), Internal.
    Service(sdbus::EventLoop& loop, std::chrono::seconds idle_timeout);

    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

private:
    friend struct DocumentsVtable;

    void start_idle_timer();
    void on_idle();
    void on_jobs_done();

    static int on_name_released(sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept;

    sdbus::EventLoop& loop_;
    sdbus::BusPtr bus_;
    sdbus::SlotPtr vtable_slot_;
    sdbus::SlotPtr release_slot_;
    bool leaving_ = false; ///< the name is given up; only jobs keep the service
    std::chrono::seconds idle_timeout_;
    sdbus::EventLoop::TimerId idle_timer_ = 0;
    JobTable jobs_;
};

} // namespace digisign::documents
