// SPDX-License-Identifier: LGPL-2.1-or-later
// What a card keeps without power: PINs and their counters, keys and certificates, in a file.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace digisign::virtual_card {

struct PinState {
    std::string value;
    unsigned tries_left = 0;
    /// False until the holder has chosen the value: ISO/IEC 7816-4 "transport" state, DF2F = 00 on FINEID.
    bool holder_value = true;

    bool blocked() const { return tries_left == 0; }
};

struct CardState {
    std::string profile;
    std::string serial_number;
    std::string validity;                            ///< of the holder's certificates, see certificates.hpp
    std::map<std::string, PinState> pins;            ///< by role: "pin1", "pin2", "puk"
    std::map<std::string, std::string> keys;         ///< PEM by name: "auth", "sign", …, "root", "issuing"
    std::map<std::string, std::string> certificates; ///< PEM by the same names
};

/// Holds the state in memory and, where it was given a path, in a file that is replaced whole at each change.
class StateStore {
public:
    /// An empty path keeps everything in memory. Throws Error for a file that is there but not ours.
    explicit StateStore(std::string path);

    /// Nothing until create() was called once for this file.
    bool exists() const { return state_.has_value(); }
    void create(CardState state);

    const CardState& state() const { return *state_; }

    /// The card writes before it answers, so that pulling it never gives a try back.
    /// `change` gets the state by reference.
    template <typename Change>
    void update(Change&& change) {
        change(*state_);
        save();
    }

private:
    void save() const;

    std::string path_;
    std::optional<CardState> state_;
};

} // namespace digisign::virtual_card
