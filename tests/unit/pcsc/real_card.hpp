// SPDX-License-Identifier: LGPL-2.1-or-later
// The project's virtual card in the reader of the fake winscard, with the drivers of the daemon: for what
// depends on how real cards behave.

#pragma once

#include "daemon/card/public_data_cache.hpp"
#include "daemon/pcsc/card_session.hpp"
#include "tests/fakes/fake_winscard.hpp"
#include "tests/fakes/virtual_card.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace digisign::tests {

class RealCard final : public fakes::FakeCard {
public:
    explicit RealCard(const std::string& profile) : card_(profile), model_(card_.model()) {}

    Bytes atr() const override { return card_.atr(); }
    card::Protocol protocol() const override { return card_.protocol(); }

    Bytes transmit(ByteView command) override {
        if (const auto once = before_command) // it may take itself away
            once(command);
        const std::lock_guard lock(mutex_);
        headers_.push_back(to_hex(command.first(4)));
        pins_sent_ += has_pin(command) ? 1u : 0u;
        Bytes answer = model_.transmit(command);
        if (const auto once = tamper)
            once(command, answer);
        return answer;
    }

    void reset() override {
        const std::lock_guard lock(mutex_);
        model_.reset();
    }

    /// What another program sends, in hexadecimal; its answer.
    std::string send(const std::string& command) {
        const std::lock_guard lock(mutex_);
        return to_hex(model_.transmit(from_hex(command).value()));
    }

    bool is_verified(std::uint8_t pin) {
        if (card_.state().profile == "isoapplet") // VERIFY does not tell, but an operation that is none does
            return send("002A0000") == "6A86";
        return send("002000" + to_hex(Bytes{pin})) == "9000";
    }

    /// CLA INS P1 P2 of the daemon's commands since the last call.
    std::vector<std::string> take_headers() {
        const std::lock_guard lock(mutex_);
        return std::exchange(headers_, {});
    }

    /// The same for the number of those that held a PIN.
    std::size_t take_pins_sent() {
        const std::lock_guard lock(mutex_);
        return std::exchange(pins_sent_, 0);
    }

    unsigned tries_left(const std::string& role) const { return card_.state().pins.at(role).tries_left; }
    const std::string& value(const std::string& role) const { return card_.state().pins.at(role).value; }

    /// Called without any lock; may throw what keeps the command from arriving.
    std::function<void(ByteView command)> before_command;
    /// May change an answer, or throw what keeps it from coming back.
    std::function<void(ByteView command, Bytes& answer)> tamper;

private:
    static bool has_pin(ByteView command) {
        const std::uint8_t ins = command[1];
        return (ins == 0x20 || ins == 0x24 || ins == 0x2C) && command.size() > 5;
    }

    std::mutex mutex_;
    fakes::VirtualCard card_;
    fakes::CardModel model_;
    std::vector<std::string> headers_;
    std::size_t pins_sent_ = 0;
};

/// card::open_card().
inline pcsc::CardOpener real_card_opener() {
    const auto cache = std::make_shared<card::PublicDataCache>("");
    return [cache](card::Transaction& transaction, ByteView atr) {
        return card::open_card(transaction, atr, *cache);
    };
}

} // namespace digisign::tests
