// SPDX-License-Identifier: LGPL-2.1-or-later
// One card from its insertion to its removal, as its reader's worker thread handles it.

#pragma once

#include "daemon/card/card.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/pcsc/channel.hpp"
#include "daemon/pcsc/progress.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace digisign::card {
class Transaction;
}

namespace digisign::pcsc {

class Transaction;

/// card::open_card() with the cache bound. Runs on worker threads, for several readers at a time.
using CardOpener = std::function<std::unique_ptr<card::Card>(card::Transaction&, ByteView atr)>;

/// Every call is one PC/SC transaction, begun and ended within it. If another program resets the card
/// meanwhile, the call starts over once, unless a PIN has been sent. Throws Error as core::ReaderPort says.
class CardSession {
public:
    /// The objects referred to live as long as the worker. `card_identity` is the reader's event count with
    /// this card in it: a card that took its place is not touched.
    CardSession(Context& context, core::ReaderName reader, std::uint16_t card_identity, Progress& progress);

    /// Identifies the card and reads what is public. Also throws CardUnrecognized.
    void open(const CardOpener& open_card);

    const card::CardDescription& description() const { return card_->description(); }

    struct PinStatuses {
        std::vector<card::PinStatus> statuses; ///< parallel to CardDescription::pins
        card::ActivationState activation;
    };
    PinStatuses pin_statuses();

    card::PinStatus pin_status(std::uint8_t reference);
    core::VerifyResult verify(core::PresentedPin& pin, const Withdrawal& withdrawn);
    core::SignResult sign(core::SignRequest& request, const Withdrawal& withdrawn);

    bool is_connected() const { return channel_ != nullptr; }

    /// Lets other programs have the card to themselves; the next call connects again.
    void disconnect() { channel_.reset(); }

private:
    template <class Work>
    auto in_transaction(Work work);
    template <class Work>
    auto with_log_out(Transaction& transaction, card::Transaction& apdus, Work work);

    void connect();
    void give_up(ErrorCode fault);
    card::PinOutcome present(card::Transaction& apdus, core::PresentedPin& pin);
    const card::PinDescription& find_pin(std::uint8_t reference) const;

    Context& context_;
    core::ReaderName reader_;
    std::uint16_t card_identity_;
    Progress& progress_;
    std::unique_ptr<Channel> channel_; ///< null while disconnected
    std::unique_ptr<card::Card> card_; ///< null until open() has succeeded
};

} // namespace digisign::pcsc
