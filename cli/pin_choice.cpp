// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pin_choice.hpp"

#include "cli/prompt_text.hpp"
#include "common/error.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <string>
#include <vector>

namespace digisign::cli {

namespace {

using client::DaemonState;
using client::Pin;
using client::PinRole;
using client::Token;

std::string reader_name(const DaemonState& state, const Token& token) {
    const client::Reader* reader = state.find_reader(token.reader);
    return reader != nullptr ? reader->name : "";
}

const Token& choose_token(const DaemonState& state, std::string_view reader) {
    std::vector<const Token*> tokens;
    std::string listing;
    for (const Token& token : state.tokens) {
        const std::string name = reader_name(state, token);
        if (name.find(reader) == std::string::npos)
            continue;
        tokens.push_back(&token);
        listing += fmt::format("\n  {} in {}", token.label, name);
    }
    if (tokens.empty()) {
        if (state.tokens.empty())
            client::require_ready_token(state);
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("no reader with a card is called \"{}\"", reader));
    }
    if (tokens.size() > 1)
        throw Error(ErrorCode::InvalidArgument,
                    "several cards are there; choose one with --reader:" + listing);
    return *tokens.front();
}

bool is_meant(const Pin& pin, std::string_view which) {
    return which == client::to_name(pin.role) ||
           ::strcasecmp(pin.reference.c_str(), std::string(which).c_str()) == 0;
}

} // namespace

const client::Pin& choose_pin(const DaemonState& state, std::string_view which, std::string_view reader) {
    const Token& token = choose_token(state, reader);
    std::vector<const Pin*> all;
    std::vector<const Pin*> meant;
    std::string listing;
    for (const Pin& pin : state.pins) {
        if (pin.token != token.path)
            continue;
        all.push_back(&pin);
        listing +=
            fmt::format("\n  {}  {}", pin.reference, pin_name(pin.label, std::string(to_name(pin.role))));
        if (which.empty() ? pin.role == PinRole::Authentication : is_meant(pin, which))
            meant.push_back(&pin);
    }
    if (which.empty() && meant.empty() && all.size() == 1)
        return *all.front();
    if (meant.size() == 1)
        return *meant.front();
    if (all.empty())
        throw Error(ErrorCode::InvalidArgument, "the card " + token.label + " has no PIN");
    if (which.empty())
        throw Error(ErrorCode::InvalidArgument, "say which PIN is meant:" + listing);
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{} PIN of the card is called \"{}\"; there are:{}",
                            meant.empty() ? "no" : "more than one", which, listing));
}

} // namespace digisign::cli
