// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/key_choice.hpp"

#include "client/certificate_choice.hpp"
#include "common/bytes.hpp"
#include "common/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace digisign::cli {

namespace {

using client::Certificate;
using client::DaemonState;
using client::Key;
using Keys = std::vector<const Key*>;

Keys find_keys(const DaemonState& state, std::string_view selector) {
    Keys keys;
    const auto id = from_hex(selector);
    for (const Key& key : state.keys)
        if (selector.empty() || (id && key.id == *id))
            keys.push_back(&key);
    if (!keys.empty() || selector.empty())
        return keys;
    for (const Certificate* certificate : client::find_certificates(state, selector))
        if (const Key* key = state.find_key(certificate->key);
            key != nullptr && !std::ranges::count(keys, key))
            keys.push_back(key);
    return keys;
}

std::string describe(const DaemonState& state, const Key& key) {
    const client::Token* token = state.find_token(key.token);
    const client::Reader* reader = token != nullptr ? state.find_reader(token->reader) : nullptr;
    return fmt::format("\n  {}  {}, {} in {}", to_hex(key.id), key.label,
                       token != nullptr ? token->label : "", reader != nullptr ? reader->name : "");
}

} // namespace

const Key& choose_key(const DaemonState& state, std::string_view selector) {
    const Keys keys = find_keys(state, selector);
    if (keys.size() == 1)
        return *keys.front();
    if (keys.empty()) {
        client::require_ready_token(state);
        throw Error(ErrorCode::KeyNotFound, selector.empty()
                                                ? "there is no private key on the card"
                                                : fmt::format("no private key belongs to \"{}\"", selector));
    }
    std::string listing;
    for (const Key* key : keys)
        listing += describe(state, *key);
    throw Error(ErrorCode::InvalidArgument, "say which key is meant:" + listing);
}

} // namespace digisign::cli
