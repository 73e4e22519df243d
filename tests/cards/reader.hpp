// SPDX-License-Identifier: LGPL-2.1-or-later
// A driver and the virtual card of its kind, for the tests that run them against each other.

#pragma once

#include "common/error.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "tests/fakes/pin.hpp"
#include "tests/fakes/virtual_card.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::tests {

struct Reader {
    explicit Reader(const std::string& name,
                    virtual_card::Activation activation = virtual_card::Activation::Active)
        : profile(name), model(name, activation), channel(model.protocol(), model.model()) {}

    std::unique_ptr<card::Card> open() {
        card::Transaction transaction(channel);
        auto card = card::open_card(transaction, model.atr(), cache);
        apdus = transaction.apdu_count();
        return card;
    }

    std::string profile;
    fakes::VirtualCard model;
    fakes::CardChannel channel;
    card::PublicDataCache cache{""};
    std::size_t apdus = 0; ///< that the last open() took
};

inline const card::PinDescription& pin_of(const card::Card& card, const card::KeyDescription& key) {
    return *card.description().find_pin(key.pin_reference.value());
}

/// Of a card as it is made.
inline std::string_view first_value(const card::PinDescription& pin) {
    return pin.role == card::PinRole::Signature || pin.min_length >= 6 ? "123456" : "1234";
}

inline PinValue value_of(const card::PinDescription& pin) {
    return fakes::pin_value(first_value(pin));
}

inline const card::KeyDescription& key_for(const card::Card& card, bool non_repudiation) {
    for (const card::KeyDescription& key : card.description().keys)
        if (key.usage.non_repudiation == non_repudiation)
            return key;
    throw std::logic_error("no such key");
}

inline void present_pin(card::Card& card, card::Transaction& transaction, const card::KeyDescription& key) {
    if (!key.pin_reference)
        return;
    const card::PinDescription& pin = pin_of(card, key);
    REQUIRE(card.verify(transaction, pin, value_of(pin)) == card::PinOutcome{});
}

template <typename Action>
ErrorCode error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error");
    return ErrorCode::Internal;
}

/// Of cards with keys.
inline const std::vector<std::string> profiles{"fineid-v3",     "fineid-v4", "myeid", "isoapplet",
                                               "isoapplet-0.6", "piv",       "pkcs15"};

} // namespace digisign::tests
