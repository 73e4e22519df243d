// SPDX-License-Identifier: LGPL-2.1-or-later
// A reader's contacts inside the test program: a channel to a card model, from which the card can be pulled,
// and whose n-th exchange can go wrong.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/channel.hpp"
#include "daemon/iso7816/pin_pad_command.hpp"
#include "daemon/iso7816/sensitive_apdu.hpp"
#include "daemon/iso7816/status_word.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace digisign::fakes {

/// What may happen at one exchange.
enum class Fault {
    Removed,       ///< pulled before the command arrived
    RemovedAfter,  ///< pulled when the command had arrived, before the answer came
    Reset,         ///< another program reset the card
    Mute,          ///< the command arrived, no answer came
    TimedOut,      ///< as above, and the reader gave up by itself
    ShortAnswer,   ///< one byte of the answer
    InternalError, ///< the card says 6F00
};

inline constexpr std::array all_faults{Fault::Removed,  Fault::RemovedAfter, Fault::Reset,        Fault::Mute,
                                       Fault::TimedOut, Fault::ShortAnswer,  Fault::InternalError};

/// The card behind the contacts.
struct CardModel {
    std::function<Bytes(ByteView command)> transmit;
    /// Cold or warm: forgets what is selected and verified.
    std::function<void()> reset;
};

class CardChannel : public card::Channel {
public:
    CardChannel(card::Protocol protocol, CardModel card) : protocol_(protocol), card_(std::move(card)) {}

    card::Protocol protocol() const override { return protocol_; }
    Bytes exchange(ByteView command) override;
    Bytes exchange_sensitive(const iso7816::SensitiveApdu& command) override;
    SecureBuffer exchange_for_secret(ByteView command) override;
    Bytes exchange_on_pin_pad(const iso7816::PinPadCommand& command) override;

    /// The person at the reader's keys: what is sent instead of the command, or the reader's own words as the
    /// answer. Without one the reader has no keys.
    std::function<std::variant<Bytes, iso7816::StatusWord>(const iso7816::PinPadCommand&)> type;

    /// Pulls the card, and puts it in again: powered anew.
    void remove() { present_ = false; }
    void insert();

    /// The exchange with this number (from 0, counted from now) meets the fault; once.
    void fail_at(std::size_t exchange, Fault fault);

    /// Since construction or forget(); of a command with a PIN the header only.
    const std::vector<Bytes>& commands() const { return commands_; }
    /// How many commands with a PIN arrived at the card.
    std::size_t pins_sent() const { return pins_sent_; }
    /// Counts from zero again; a fault that has not come yet does not come.
    void forget();

private:
    Bytes run(ByteView command, bool has_pin);

    card::Protocol protocol_;
    CardModel card_;
    bool present_ = true;
    std::optional<Fault> fault_;
    std::size_t exchanges_until_fault_ = 0;
    std::vector<Bytes> commands_;
    std::size_t pins_sent_ = 0;
};

} // namespace digisign::fakes
