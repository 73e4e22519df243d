// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/fault_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace digisign::virtual_card {

namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 6> names{{
    {"removed", FaultKind::Removed},
    {"removed-after", FaultKind::RemovedAfter},
    {"mute", FaultKind::Mute},
    {"reset", FaultKind::Reset},
    {"short", FaultKind::Short},
    {"6f00", FaultKind::Status6F00},
}};

constexpr std::string_view delay_prefix = "delay:";

} // namespace

std::optional<Fault> fault_from_name(std::string_view wanted) {
    for (const auto& [name, kind] : names)
        if (name == wanted)
            return Fault{kind};
    if (!wanted.starts_with(delay_prefix))
        return std::nullopt;
    wanted.remove_prefix(delay_prefix.size());
    unsigned milliseconds = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), milliseconds);
    if (error != std::errc{} || end != wanted.data() + wanted.size())
        return std::nullopt;
    return Fault{FaultKind::Delay, std::chrono::milliseconds(milliseconds)};
}

void FaultPlan::add(Fault fault, unsigned apdu) {
    planned_.push_back({fault, apdu});
}

std::optional<Fault> FaultPlan::next() {
    std::optional<Fault> due;
    for (Planned& planned : planned_)
        if (--planned.left == 0 && !due)
            due = planned.fault;
    std::erase_if(planned_, [](const Planned& planned) { return planned.left == 0; });
    return due;
}

} // namespace digisign::virtual_card
