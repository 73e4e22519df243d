// SPDX-License-Identifier: LGPL-2.1-or-later
// A card as the rest of the daemon sees it. Drivers implement it, one file per family under drivers/.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "common/pin_value.hpp"
#include "daemon/card/description.hpp"

#include <memory>

namespace digisign::card {

class PublicDataCache;
class Transaction;

/// All calls happen on the reader's worker thread, within a transaction that the caller opened. Faults are
/// Error: those of Channel, and CardDataInvalid, CardError (an unexpected status word, named in the message).
class Card {
public:
    virtual ~Card() = default;

    /// Public data read when the card was opened; does not change while the card stays in the reader.
    virtual const CardDescription& description() const = 0;

    /// SELECT of the application. First step of every transaction: another program may have selected its own.
    /// Where the card clears its security status by it (all cards with login here do), this is also the
    /// log-out.
    virtual void select_application(Transaction& transaction) = 0;

    /// Tries left and so on without spending one. Needs the application selected.
    virtual PinStatus pin_status(Transaction& transaction, const PinDescription& pin) = 0;

    /// Sends the PIN once. Length and characters were checked by the caller (see pin_policy).
    virtual VerifyOutcome verify(Transaction& transaction, const PinDescription& pin,
                                 const PinValue& value) = 0;

    /// Signs with a key whose PIN has been presented in this transaction. `data` is the digest of
    /// `mechanism`, or the data itself with Digest::None. Returns: RSA, an octet string as long as the
    /// modulus; EC, r‖s, each as long as the field. Throws MechanismUnsupported, DigestLengthInvalid,
    /// PinRequired (6982), SignatureInvalid (it does not verify with the key's certificate).
    virtual Bytes sign(Transaction& transaction, const KeyDescription& key,
                       const SignatureMechanism& mechanism, ByteView data) = 0;

    /// Ends what verify() allowed, for this and every other program; safe when nothing was verified.
    virtual void log_out(Transaction& transaction) = 0;

    /// Whether the card was never activated, judged from the status of its PINs; `statuses` is parallel to
    /// CardDescription::pins.
    virtual ActivationState activation_state(const std::vector<PinStatus>& statuses) const = 0;
};

/// Identifies the card and reads its public data (from `cache` where the card is known and unchanged).
/// Throws CardUnrecognized if no driver claims it.
std::unique_ptr<Card> open_card(Transaction& transaction, ByteView atr, PublicDataCache& cache);

} // namespace digisign::card
