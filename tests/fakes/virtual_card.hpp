// SPDX-License-Identifier: LGPL-2.1-or-later
// The project's virtual card (tests/virtual-card) without reader and pcscd: in the test program, its state in
// memory.

#pragma once

#include "tests/fakes/card_channel.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/profiles.hpp"

#include <memory>
#include <string>

namespace digisign::fakes {

class VirtualCard {
public:
    /// A profile of the virtual card that has keys. They are generated once per profile and program. PIN 1 is
    /// 1234 (of "piv" 123456), PIN 2 123456, PUK 12345678.
    explicit VirtualCard(const std::string& profile,
                         virtual_card::Activation activation = virtual_card::Activation::Active);

    Bytes atr() const { return card_->atr(); }
    card::Protocol protocol() const;
    CardModel model();

    const virtual_card::CardState& state() const { return store_.state(); }

private:
    virtual_card::StateStore store_;
    std::unique_ptr<virtual_card::Card> card_;
};

} // namespace digisign::fakes
