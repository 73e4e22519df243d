// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/virtual_card.hpp"

#include <map>

namespace digisign::fakes {

namespace {

using virtual_card::Activation;
using virtual_card::CardState;

/// Making RSA keys takes a second.
const CardState& personalized(const std::string& profile, Activation activation) {
    static std::map<std::pair<std::string, Activation>, CardState> states;
    auto found = states.find({profile, activation});
    if (found == states.end()) {
        virtual_card::PersonalizationOptions options;
        options.activation = activation;
        found = states
                    .emplace(std::pair(profile, activation),
                             virtual_card::personalize(virtual_card::card_plan(profile), options))
                    .first;
    }
    return found->second;
}

} // namespace

VirtualCard::VirtualCard(const std::string& profile, Activation activation) : store_("") {
    store_.create(personalized(profile, activation));
    card_ = virtual_card::make_card(profile, store_);
}

card::Protocol VirtualCard::protocol() const {
    return state().profile.starts_with("fineid") ? card::Protocol::T0 : card::Protocol::T1;
}

CardModel VirtualCard::model() {
    return {[this](ByteView command) { return card_->transmit(command).value(); },
            [this] { card_->reset(); }};
}

} // namespace digisign::fakes
