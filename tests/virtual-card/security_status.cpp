// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/security_status.hpp"

#include <algorithm>
#include <utility>

namespace digisign::virtual_card {

SecurityStatus::SecurityStatus(StateStore& store, std::vector<PinRules> rules, PinBlock block)
    : store_(store), rules_(std::move(rules)), block_(block) {}

const PinRules* SecurityStatus::find(std::uint8_t reference) const {
    const auto found =
        std::ranges::find_if(rules_, [&](const PinRules& rules) { return rules.reference == reference; });
    return found != rules_.end() ? &*found : nullptr;
}

const PinState& SecurityStatus::state_of(const PinRules& rules) const {
    return store_.state().pins.at(rules.role);
}

void SecurityStatus::forget(std::string_view role) {
    if (const auto found = verified_.find(role); found != verified_.end())
        verified_.erase(found);
}

Response SecurityStatus::status(const PinRules& rules) const {
    if (verified(rules.role))
        return Status::Ok;
    const PinState& pin = state_of(rules);
    return pin.blocked() ? Response(Status::MethodBlocked) : Response::wrong_value(pin.tries_left);
}

Response SecurityStatus::verify(const PinRules& rules, ByteView block) {
    forget(rules.role);
    const bool possible = block_.length != 0
                              ? block.size() == block_.length
                              : block.size() >= rules.min_length && block.size() <= rules.max_length;
    if (!possible)
        return Status::WrongLength;
    const Response compared = compare(rules, block);
    if (compared.ok())
        verified_.insert(rules.role);
    return compared;
}

Response SecurityStatus::replace(const PinRules& rules, const PinRules& authority, ByteView data) {
    if (block_.length != 0 && data.size() != 2 * block_.length)
        return Status::WrongLength;
    // Values as typed have no border between them; the card takes the first to be as long as its own.
    const std::size_t border =
        block_.length != 0 ? block_.length : std::min(data.size(), state_of(authority).value.size());
    forget(rules.role);
    const std::optional<std::string> value = new_value(rules, data.subspan(border));
    if (!value)
        return Status::WrongData;
    const Response compared = compare(authority, data.first(border));
    if (compared.ok())
        set_value(rules, *value);
    return compared;
}

Response SecurityStatus::compare(const PinRules& rules, ByteView block) {
    const PinState& pin = state_of(rules);
    if (pin.blocked())
        return Status::MethodBlocked;
    const std::optional<std::string> value = unpad(block);
    if (!value) {
        // Whether real cards count this is not known. The strict answer shows who pads by guesswork.
        (void)spend_try(rules);
        return Status::WrongData;
    }
    if (*value != pin.value)
        return spend_try(rules);
    if (pin.tries_left != rules.tries)
        store_.update([&](CardState& state) { state.pins.at(rules.role).tries_left = rules.tries; });
    return Status::Ok;
}

std::optional<std::string> SecurityStatus::unpad(ByteView block) const {
    if (block_.length != 0 && block.size() != block_.length)
        return std::nullopt;
    const auto padding = block_.length != 0 ? std::ranges::find(block, block_.padding) : block.end();
    const bool digits =
        std::all_of(block.begin(), padding, [](std::uint8_t octet) { return octet >= '0' && octet <= '9'; });
    const bool padded =
        std::all_of(padding, block.end(), [&](std::uint8_t octet) { return octet == block_.padding; });
    if (!digits || !padded)
        return std::nullopt;
    return std::string(block.begin(), padding);
}

std::optional<std::string> SecurityStatus::new_value(const PinRules& rules, ByteView block) const {
    std::optional<std::string> value = unpad(block);
    if (value && (value->size() < rules.min_length || value->size() > rules.max_length))
        value.reset();
    return value;
}

void SecurityStatus::set_value(const PinRules& rules, const std::string& value) {
    store_.update([&](CardState& state) { state.pins.at(rules.role) = {value, rules.tries, true}; });
}

Response SecurityStatus::spend_try(const PinRules& rules) {
    store_.update([&](CardState& state) { --state.pins.at(rules.role).tries_left; });
    return Response::wrong_value(state_of(rules).tries_left);
}

} // namespace digisign::virtual_card
