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
        const std::lock_guard lock(mutex_);
        headers_.push_back(to_hex(command.first(4)));
        Bytes answer = model_.transmit(command);
        if (const auto once = tamper) // it may take itself away
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

    bool is_verified(std::uint8_t pin) { return send("002000" + to_hex(Bytes{pin})) == "9000"; }

    /// CLA INS P1 P2 of the daemon's commands since the last call.
    std::vector<std::string> take_headers() {
        const std::lock_guard lock(mutex_);
        return std::exchange(headers_, {});
    }

    unsigned tries_left(const std::string& role) const { return card_.state().pins.at(role).tries_left; }

    /// May change an answer.
    std::function<void(ByteView command, Bytes& answer)> tamper;

private:
    std::mutex mutex_;
    fakes::VirtualCard card_;
    fakes::CardModel model_;
    std::vector<std::string> headers_;
};

/// card::open_card().
inline pcsc::CardOpener real_card_opener() {
    const auto cache = std::make_shared<card::PublicDataCache>("");
    return [cache](card::Transaction& transaction, ByteView atr) {
        return card::open_card(transaction, atr, *cache);
    };
}

} // namespace digisign::tests
