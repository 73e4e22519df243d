// SPDX-License-Identifier: LGPL-2.1-or-later
// A small card with one PIN and one key, and the driver for it: enough to see what the reader service does
// with cards.

#pragma once

#include "daemon/card/card.hpp"
#include "daemon/pcsc/card_session.hpp"
#include "tests/fakes/fake_winscard.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace digisign::tests {

inline constexpr std::uint8_t simple_card_pin_reference = 0x11;

/// The card's side. Its signature is the data backwards, and every plain text is the characters of the right
/// PIN.
class SimpleCard final : public fakes::FakeCard {
public:
    explicit SimpleCard(std::string serial = "1001") : serial_(std::move(serial)) {}

    Bytes atr() const override { return {0x3B, 0x80, 0x80, 0x01, 0x01}; }
    Bytes transmit(ByteView command) override;
    void reset() override { verified_ = false; }

    bool is_verified() const { return verified_; }
    unsigned tries_left() const { return tries_left_; }
    std::size_t verify_commands() const { return verify_commands_; }
    /// CHANGE REFERENCE DATA and RESET RETRY COUNTER.
    std::size_t set_commands() const { return set_commands_; }
    std::size_t sign_commands() const { return sign_commands_; }

    /// Called with the instruction byte before the card does anything.
    std::function<void(std::uint8_t ins)> before_command;
    /// The card answers nothing but 6D00.
    bool foreign = false;
    /// SELECT fails while something is verified, so that there is no orderly way to log out.
    bool cannot_log_out = false;

private:
    std::uint16_t compare(ByteView value);

    std::string serial_;
    std::atomic<bool> verified_{false};
    std::atomic<unsigned> tries_left_{3};
    std::atomic<std::size_t> verify_commands_{0};
    std::atomic<std::size_t> set_commands_{0};
    std::atomic<std::size_t> sign_commands_{0};
};

/// The PIN the card accepts, and one it does not. Made byte by byte, so that the characters lie nowhere else
/// in memory.
PinValue right_pin();
PinValue wrong_pin();

/// How often the right PIN's characters are found in this process' writable memory.
std::size_t count_right_pin_in_memory();

/// Opens SimpleCards; CardUnrecognized for foreign ones.
pcsc::CardOpener simple_card_opener();

} // namespace digisign::tests
