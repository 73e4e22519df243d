// SPDX-License-Identifier: LGPL-2.1-or-later
// A card as the rest of the daemon sees it. Drivers implement it, one file per family under drivers/.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "common/pin_value.hpp"
#include "common/secure_buffer.hpp"
#include "daemon/card/description.hpp"

#include <chrono>
#include <memory>
#include <variant>

namespace digisign::card {

/// The person types on the reader while the command waits (PC/SC part 10).
struct OnPinPad {
    std::chrono::seconds timeout{60}; ///< for all that is to be typed; the request's own must be longer
};

using PinInput = std::variant<OnPinPad, PinValue>;

/// A PIN's new value, and what proves the right to set it: the old value, or the PUK.
struct NewPinValues {
    PinValue proof;
    PinValue new_pin;
};

using NewPinInput = std::variant<OnPinPad, NewPinValues>;

class PublicDataCache;
class Transaction;

/// All calls happen on the reader's worker thread, within a transaction that the caller opened. Faults are
/// Error: those of Channel, and CardDataInvalid, CardError (an unexpected status word, named in the message).
/// With OnPinPad also NotSupported (the reader cannot ask for such a PIN; nothing was asked), PinPadTimedOut
/// (the reader gave no answer at all).
class Card {
public:
    virtual ~Card() = default;

    /// Public data read when the card was opened; does not change while the card stays in the reader.
    virtual const CardDescription& description() const = 0;

    /// SELECT of the application. First step of every transaction that sends a PIN: another program may have
    /// selected its own. Many cards clear their security status by it.
    virtual void select_application(Transaction& transaction) = 0;

    /// Tries left and so on without spending one. Needs the application selected.
    virtual PinStatus pin_status(Transaction& transaction, const PinDescription& pin) = 0;

    /// Whether the card says that the PIN is verified now. Spends no try. Needs the application selected.
    virtual bool is_verified(Transaction& transaction, const PinDescription& pin) = 0;

    /// VERIFY. Sends the PIN once. Length and characters were checked by the caller (see pin_policy).
    virtual PinOutcome verify(Transaction& transaction, const PinDescription& pin, const PinInput& input) = 0;

    /// CHANGE REFERENCE DATA, once. Wrong and Blocked are about the old value, BadLength is about either.
    /// Some cards take the PIN for verified after that. Throws NotSupported for a PIN that cannot be changed.
    virtual PinOutcome change_pin(Transaction& transaction, const PinDescription& pin,
                                  const NewPinInput& input) = 0;

    /// RESET RETRY COUNTER, once. Wrong and Blocked are about the PUK, BadLength is about either value.
    /// Otherwise as change_pin().
    virtual PinOutcome unblock_pin(Transaction& transaction, const PinDescription& pin,
                                   const NewPinInput& input) = 0;

    /// Signs with a key whose PIN has been presented. `data` is the digest of `mechanism`, or the data itself
    /// with Digest::None. Returns: RSA, an octet string as long as the modulus; EC, r‖s, each as long as the
    /// field. Throws MechanismUnsupported, DigestLengthInvalid, PinRequired (6982).
    virtual Bytes sign(Transaction& transaction, const KeyDescription& key,
                       const SignatureMechanism& mechanism, ByteView data) = 0;

    /// The plain text of an RSA cryptogram, with a key whose PIN has been presented. Throws
    /// MechanismUnsupported, PinRequired, and CryptogramInvalid in the same words for whatever is wrong with
    /// the cryptogram: what exactly it is would help to find the plain text of another one (a padding
    /// oracle).
    virtual SecureBuffer decipher(Transaction& transaction, const KeyDescription& key,
                                  const DecipherMechanism& mechanism, ByteView cryptogram) = 0;

    /// ECDH (SP 800-56A section 5.7.1.2): the X coordinate of the point that the key, whose PIN has been
    /// presented, shares with `peer_point` (04‖X‖Y, on the key's curve). Throws MechanismUnsupported,
    /// InvalidArgument (no such point), PinRequired.
    virtual SecureBuffer derive(Transaction& transaction, const KeyDescription& key, ByteView peer_point) = 0;

    /// Ends what verify() allowed, for this and every other program, but for the PINs in `keep`. Returns
    /// false if the card has no means to keep those, so that they are not verified any more either. Safe when
    /// nothing was verified.
    virtual bool log_out(Transaction& transaction, const PinSet& keep) = 0;

    /// Whether the card was never activated, judged from the status of its PINs; `statuses` is parallel to
    /// CardDescription::pins.
    virtual ActivationState activation_state(const std::vector<PinStatus>& statuses) const = 0;
};

/// Identifies the card and reads its public data (from `cache` where the card is known and unchanged).
/// Throws CardUnrecognized if no driver claims it.
std::unique_ptr<Card> open_card(Transaction& transaction, ByteView atr, PublicDataCache& cache);

} // namespace digisign::card
