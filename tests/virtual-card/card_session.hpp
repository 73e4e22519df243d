// SPDX-License-Identifier: LGPL-2.1-or-later
// A card in a reader: carries APDUs between the two, with the faults, the delays and the log a test asked
// for.

#pragma once

#include "tests/virtual-card/apdu_log.hpp"
#include "tests/virtual-card/card.hpp"
#include "tests/virtual-card/event_loop.hpp"
#include "tests/virtual-card/fault_plan.hpp"
#include "tests/virtual-card/state.hpp"
#include "tests/virtual-card/vpcd_connection.hpp"

#include <chrono>
#include <string>

namespace digisign::virtual_card {

struct Latency {
    std::chrono::microseconds per_apdu{0};
    std::chrono::microseconds per_byte{0};
};

class CardSession final : private VpcdConnection::Listener {
public:
    CardSession(EventLoop& loop, VpcdConnection::Address reader, Card& card, const StateStore& store,
                ApduLog& log);

    void insert() { connection_.open(); }
    void remove() { connection_.close(); }

    FaultPlan& faults() { return faults_; }
    ApduLog& log() { return log_; }
    void set_latency(Latency latency) { latency_ = latency; }

    /// One line of JSON: inserted, connected, apdus, counts, pins.
    std::string status() const;

private:
    void on_power_changed() override;
    void on_atr_wanted() override;
    void on_apdu(Bytes apdu) override;

    void answer_after(std::chrono::microseconds delay, Bytes answer);

    EventLoop& loop_;
    Card& card_;
    const StateStore& store_;
    ApduLog& log_;
    FaultPlan faults_;
    Latency latency_;
    VpcdConnection connection_;
    EventLoop::SourcePtr late_answer_;
};

} // namespace digisign::virtual_card
