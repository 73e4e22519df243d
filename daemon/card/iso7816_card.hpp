// SPDX-License-Identifier: LGPL-2.1-or-later
// A card that follows ISO 7816-4 and -8. Drivers derive from it and override what their card does otherwise.

#pragma once

#include "daemon/card/card.hpp"
#include "daemon/card/transaction.hpp"

namespace digisign::card {

class Iso7816Card : public Card {
public:
    const CardDescription& description() const final { return description_; }

    /// Asks by VERIFY without data.
    PinStatus pin_status(Transaction& transaction, const PinDescription& pin) override;

    /// Asks by VERIFY without data.
    bool is_verified(Transaction& transaction, const PinDescription& pin) override;

    PinOutcome verify(Transaction& transaction, const PinDescription& pin, const PinInput& input) override;
    PinOutcome change_pin(Transaction& transaction, const PinDescription& pin,
                          const NewPinInput& input) override;
    PinOutcome unblock_pin(Transaction& transaction, const PinDescription& pin,
                           const NewPinInput& input) override;

    /// Checks mechanism and data, and has the card compute.
    Bytes sign(Transaction& transaction, const KeyDescription& key, const SignatureMechanism& mechanism,
               ByteView data) final;

    /// Both check what they are given, and have the card compute.
    SecureBuffer decipher(Transaction& transaction, const KeyDescription& key,
                          const DecipherMechanism& mechanism, ByteView cryptogram) final;
    SecureBuffer derive(Transaction& transaction, const KeyDescription& key, ByteView peer_point) final;

    /// Selects the application anew, which keeps nothing.
    bool log_out(Transaction& transaction, const PinSet& keep) override;

    /// Few cards have such a state.
    ActivationState activation_state(const std::vector<PinStatus>& statuses) const override;

protected:
    explicit Iso7816Card(CardDescription description) : description_(std::move(description)) {}

    /// The card's part of sign(). `mechanism` is one of the key's; `data` has the length of its digest.
    virtual Bytes compute_signature(Transaction& transaction, const KeyDescription& key,
                                    const SignatureMechanism& mechanism, ByteView data) = 0;

    /// Whether the key signs whatever fits the padding of PKCS#1 v1.5, such as the 36 bytes of MD5 and SHA-1
    /// that TLS 1.1 signs; where not, only a DigestInfo gets to compute_signature().
    virtual bool signs_any_data() const { return false; }

    /// The card's part of decipher(). `mechanism` is one of the key's, `cryptogram` as long as the modulus.
    /// For cards none of whose keys has such mechanisms there is nothing to override.
    virtual SecureBuffer compute_plain_text(Transaction& transaction, const KeyDescription& key,
                                            const DecipherMechanism& mechanism, ByteView cryptogram);

    /// The card's part of derive(), with a point of the curve. For cards none of whose keys can derive there
    /// is nothing to override.
    virtual SecureBuffer compute_shared_secret(Transaction& transaction, const KeyDescription& key,
                                               ByteView peer_point);

private:
    const PinDescription& puk_of(const PinDescription& pin) const;
    void check_data(const KeyDescription& key, const SignatureMechanism& mechanism, ByteView data) const;

    const CardDescription description_;
};

/// Length of a signature: of the modulus, or of r‖s. In bytes.
std::size_t signature_size(const KeyDescription& key);

/// PKCS#1 v1.5 for an RSA key and ECDSA for an EC key, with every digest and with none.
std::vector<SignatureMechanism> digest_mechanisms(KeyAlgorithm algorithm);

/// RSASSA-PSS with every digest there is room for.
std::vector<SignatureMechanism> pss_mechanisms(unsigned modulus_bits);

/// PKCS#1 v1.5, and OAEP with every digest there is room for.
std::vector<DecipherMechanism> decipher_mechanisms(unsigned modulus_bits);

/// A digest as an EC key of this field size takes it (FIPS 186-4 section 6.4): its leftmost bytes, or zeros
/// in front.
Bytes fit_to_field(ByteView digest, std::size_t field_size);

/// What VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER came to (ISO 7816-4 section 11.5). Throws
/// Error(CardError) for any other status word: "the card refused to <attempt>: …".
PinOutcome pin_outcome(iso7816::StatusWord status, std::string_view attempt);

} // namespace digisign::card
