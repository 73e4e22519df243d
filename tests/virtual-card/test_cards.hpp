// SPDX-License-Identifier: LGPL-2.1-or-later
// A card in memory for the unit tests, spoken to in hexadecimal.

#pragma once

#include "common/bytes.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/profiles.hpp"
#include "tests/virtual-card/state.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace digisign::virtual_card {

/// Made once per profile and process, since RSA keys take their time.
inline const CardState& personalized(const std::string& profile, Activation activation = Activation::Active) {
    static std::map<std::pair<std::string, Activation>, CardState> made;
    const auto key = std::make_pair(profile, activation);
    if (!made.contains(key))
        made.emplace(key, personalize(card_plan(profile), {{}, activation, Validity::Valid}));
    return made.at(key);
}

class TestCard {
public:
    explicit TestCard(const std::string& profile, Activation activation = Activation::Active) : store_("") {
        store_.create(personalized(profile, activation));
        card_ = make_card(profile, store_);
    }

    /// Answer and status word.
    std::string send(std::string_view hex) {
        const std::optional<Bytes> apdu = from_hex(hex);
        const std::optional<Bytes> answer = apdu ? card_->transmit(*apdu) : std::nullopt;
        if (!answer)
            throw std::invalid_argument("no answer to " + std::string(hex));
        return to_hex(*answer);
    }

    std::string send(ByteView apdu) { return send(to_hex(apdu)); }

    void select_application() {
        if (send("00A4040C0CA000000063504B43532D3135") != "9000")
            throw std::runtime_error("the application cannot be selected");
    }

    void reset() { card_->reset(); }

    const CardState& state() const { return store_.state(); }

private:
    StateStore store_;
    std::unique_ptr<Card> card_;
};

// PIN blocks of the citizen card: padded with 00 to twelve octets.
inline constexpr std::string_view block_1234 = "313233340000000000000000";
inline constexpr std::string_view block_9999 = "393939390000000000000000";
inline constexpr std::string_view block_123456 = "313233343536000000000000";
inline constexpr std::string_view block_654321 = "363534333231000000000000";
inline constexpr std::string_view block_puk = "313233343536373800000000";
inline constexpr std::string_view block_wrong_puk = "313233343536373900000000";

inline std::string concat(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts)
        whole += part;
    return whole;
}

} // namespace digisign::virtual_card
