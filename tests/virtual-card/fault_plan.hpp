// SPDX-License-Identifier: LGPL-2.1-or-later
// Faults that strike at an APDU counted from now.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace digisign::virtual_card {

enum class FaultKind {
    Removed,      ///< pulled before the command was carried out
    RemovedAfter, ///< pulled after it was carried out: the answer is lost
    Mute,         ///< no answer, until the card is pulled
    Reset,        ///< everything volatile is lost before the command
    Short,        ///< carried out, but only one octet of the answer arrives
    Status6F00,   ///< not carried out, 6F00
    Delay,        ///< carried out, answered late
};

struct Fault {
    FaultKind kind;
    std::chrono::milliseconds delay{0};
};

/// "removed", "removed-after", "mute", "reset", "short", "6f00", "delay:MS".
std::optional<Fault> fault_from_name(std::string_view name);

class FaultPlan {
public:
    /// `apdu` = 1 is the next one.
    void add(Fault fault, unsigned apdu);
    void clear() { planned_.clear(); }

    /// Counts one APDU and gives the fault that is due, if any.
    std::optional<Fault> next();

private:
    struct Planned {
        Fault fault;
        unsigned left;
    };

    std::vector<Planned> planned_;
};

} // namespace digisign::virtual_card
