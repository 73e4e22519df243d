// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/token_choice.hpp"

#include "common/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace digisign::cli {

namespace {

using client::DaemonState;
using client::Token;
using Tokens = std::vector<const Token*>;

std::string reader_name(const DaemonState& state, const Token& token) {
    const client::Reader* reader = state.find_reader(token.reader);
    return reader != nullptr ? reader->name : "";
}

const Token& only_one(const DaemonState& state, const Tokens& tokens) {
    if (tokens.size() == 1)
        return *tokens.front();
    std::string listing;
    for (const Token* token : tokens)
        listing += fmt::format("\n  {} in {}", token->label, reader_name(state, *token));
    throw Error(ErrorCode::InvalidArgument, "several cards are there; choose one with --reader:" + listing);
}

} // namespace

Tokens find_tokens(const DaemonState& state, std::string_view reader) {
    Tokens tokens;
    for (const Token& token : state.tokens)
        if (reader_name(state, token).find(reader) != std::string::npos)
            tokens.push_back(&token);
    if (!tokens.empty())
        return tokens;
    if (state.tokens.empty())
        client::require_ready_token(state);
    throw Error(ErrorCode::InvalidArgument, fmt::format("no reader with a card is called \"{}\"", reader));
}

const Token& choose_token(const DaemonState& state, std::string_view reader) {
    return only_one(state, find_tokens(state, reader));
}

const Token& choose_new_token(const DaemonState& state, std::string_view reader) {
    Tokens tokens = find_tokens(state, reader);
    const std::string first = tokens.front()->label;
    std::erase_if(tokens,
                  [](const Token* token) { return token->state != client::TokenState::NeedsActivation; });
    if (tokens.empty())
        throw Error(ErrorCode::NotSupported, "the card " + first + " is activated already");
    return only_one(state, tokens);
}

} // namespace digisign::cli
