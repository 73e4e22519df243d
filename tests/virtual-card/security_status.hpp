// SPDX-License-Identifier: LGPL-2.1-or-later
// Reference data (PINs): comparing, counting tries, and which of them are verified now.

#pragma once

#include "tests/virtual-card/command.hpp"
#include "tests/virtual-card/state.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace digisign::virtual_card {

/// The fixed properties of one PIN; its value and counter are in the state under `role`.
struct PinRules {
    std::uint8_t reference;
    std::string role;
    std::size_t min_length;
    std::size_t max_length;
    unsigned tries;
};

/// How a PIN is laid out in command data: right-padded to a fixed length, or as it is typed.
struct PinBlock {
    std::size_t length; ///< 0: as typed
    std::uint8_t padding;

    static constexpr PinBlock as_typed() { return {0, 0}; }
};

class SecurityStatus {
public:
    SecurityStatus(StateStore& store, std::vector<PinRules> rules, PinBlock block);

    const PinRules* find(std::uint8_t reference) const;
    const PinState& state_of(const PinRules& rules) const;

    bool verified(std::string_view role) const { return verified_.contains(role); }
    void forget(std::string_view role);
    void forget_all() { verified_.clear(); }

    /// What VERIFY without data says: 9000, 6983 or 63Cx.
    Response status(const PinRules& rules) const;

    /// Compares a block, counting tries; a right value is then verified.
    Response verify(const PinRules& rules, ByteView block);

    /// CHANGE REFERENCE DATA: the old value and the new one. Afterwards the PIN is not verified.
    Response change(const PinRules& rules, ByteView data) { return replace(rules, rules, data); }

    /// RESET RETRY COUNTER: the unblocking code and the PIN's new value. Afterwards the PIN is not verified.
    Response unblock(const PinRules& rules, const PinRules& puk, ByteView data) {
        return replace(rules, puk, data);
    }

    std::size_t block_length() const { return block_.length; }

private:
    /// `data` is a value that is compared with `authority`, and the one that `rules` gets.
    Response replace(const PinRules& rules, const PinRules& authority, ByteView data);
    /// 9000, or what is wrong with the value; keeps the counter.
    Response compare(const PinRules& rules, ByteView block);
    /// Digits without their padding; nothing where the block is not laid out as PinBlock says.
    std::optional<std::string> unpad(ByteView block) const;
    /// Like unpad(), and of a length the rules allow.
    std::optional<std::string> new_value(const PinRules& rules, ByteView block) const;
    void set_value(const PinRules& rules, const std::string& value);
    Response spend_try(const PinRules& rules);

    StateStore& store_;
    std::vector<PinRules> rules_;
    PinBlock block_;
    std::set<std::string, std::less<>> verified_;
};

} // namespace digisign::virtual_card
