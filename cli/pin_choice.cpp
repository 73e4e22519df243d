// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_choice.hpp"

#include "cli/prompt_text.hpp"
#include "cli/token_choice.hpp"
#include "common/error.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <functional>
#include <string>
#include <vector>

namespace digisign::cli {

namespace {

using client::DaemonState;
using client::Pin;
using client::PinRole;
using client::Token;
using Pins = std::vector<const Pin*>;

bool is_called(const Pin& pin, std::string_view which) {
    return which == client::to_name(pin.role) ||
           ::strcasecmp(pin.reference.c_str(), std::string(which).c_str()) == 0;
}

Pins pins_of(const DaemonState& state, const Token& token) {
    Pins pins;
    for (const Pin& pin : state.pins)
        if (pin.token == token.path)
            pins.push_back(&pin);
    if (pins.empty())
        throw Error(ErrorCode::InvalidArgument, "the card " + token.label + " has no PIN");
    return pins;
}

std::string listing(const Pins& pins) {
    std::string text;
    for (const Pin* pin : pins)
        text +=
            fmt::format("\n  {}  {}", pin->reference, pin_name(pin->label, std::string(to_name(pin->role))));
    return text;
}

/// The only one that is called so; if no name was given, the only one that `by_default` finds.
const Pin& choose(const DaemonState& state, std::string_view which, std::string_view reader,
                  const std::function<bool(const Pin&)>& by_default) {
    const Pins all = pins_of(state, choose_token(state, reader));
    Pins meant;
    for (const Pin* pin : all)
        if (which.empty() ? by_default(*pin) : is_called(*pin, which))
            meant.push_back(pin);
    if (meant.size() == 1)
        return *meant.front();
    if (which.empty())
        throw Error(ErrorCode::InvalidArgument, "say which PIN is meant:" + listing(all));
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{} PIN of the card is called \"{}\"; there are:{}",
                            meant.empty() ? "no" : "more than one", which, listing(all)));
}

} // namespace

const Pin& choose_pin(const DaemonState& state, std::string_view which, std::string_view reader) {
    const auto pins = pins_of(state, choose_token(state, reader));
    const bool only_one = pins.size() == 1;
    return choose(state, which, reader,
                  [only_one](const Pin& pin) { return only_one || pin.role == PinRole::Authentication; });
}

const Pin& choose_locked_pin(const DaemonState& state, std::string_view which, std::string_view reader) {
    return choose(state, which, reader, [](const Pin& pin) {
        return pin.role != PinRole::Puk && pin.state == client::PinState::Blocked;
    });
}

} // namespace digisign::cli
