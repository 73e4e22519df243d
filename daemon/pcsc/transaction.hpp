// SPDX-License-Identifier: LGPL-2.1-or-later
// PC/SC's transaction: while it exists, no other program's commands reach the card.

#pragma once

#include "daemon/pcsc/channel.hpp"

namespace digisign::pcsc {

class Transaction {
public:
    /// Waits while another program has a transaction of its own. Throws Error: CardReset (another program
    /// reset the card since the last transaction), CardRemoved, CardBusy, PcscUnavailable.
    explicit Transaction(Channel& channel);
    ~Transaction();

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// For a card that could not be logged out in the ordinary way.
    void reset_card_at_end() { disposition_ = SCARD_RESET_CARD; }
    bool resets_card() const { return disposition_ == SCARD_RESET_CARD; }

private:
    SCARDHANDLE handle_;
    DWORD disposition_ = SCARD_LEAVE_CARD;
};

} // namespace digisign::pcsc
