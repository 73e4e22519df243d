// SPDX-License-Identifier: LGPL-2.1-or-later
// Remembers PINs that a card refused, so that none of them costs a second try, whoever offers it.

#pragma once

#include "common/bytes.hpp"
#include "common/pin_value.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace digisign::core {

/// Kept in memory only, as digests with a random salt of this process. Forgotten when a PIN may have got
/// another value: it was set here, or the tries have become more without our doing, or the card was taken
/// away after its right PIN had been given.
class WrongPins {
public:
    WrongPins();

    /// A PIN or PUK of one card; Token::id() names the card. A PUK that the card does not list has no
    /// reference of its own, but belongs to one PIN.
    struct Slot {
        std::string card;
        std::uint8_t reference = 0;
        bool unlisted_puk = false;

        auto operator<=>(const Slot&) const = default;
    };

    Bytes digest_of(const Slot& slot, const PinValue& pin) const;

    bool contains(const Slot& slot, const Bytes& digest) const;

    /// The card refused it and has this many tries left, where it tells.
    void add(const Slot& slot, Bytes digest, std::optional<unsigned> tries_left);

    void on_tries_read(const Slot& slot, std::optional<unsigned> tries_left);
    void on_accepted(const Slot& slot);
    void on_new_value(const Slot& slot) { entries_.erase(slot); }
    void on_card_removed(const std::string& card);

private:
    struct Entry {
        std::set<Bytes> digests;
        std::optional<unsigned> tries_left; ///< empty after the right PIN, until they are read
        bool refused_last = true;           ///< the last PIN given was a wrong one
    };

    SecureBuffer salt_;
    std::map<Slot, Entry> entries_;
};

} // namespace digisign::core
