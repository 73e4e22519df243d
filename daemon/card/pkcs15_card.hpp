// SPDX-License-Identifier: LGPL-2.1-or-later
// A card that describes itself as ISO 7816-15 says, and needs no driver of its own for that.

#pragma once

#include "daemon/card/iso7816_card.hpp"
#include "daemon/card/pkcs15/application.hpp"
#include "daemon/card/public_data_cache.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace digisign::card {

/// What a key is to do.
using KeyOperation = std::variant<SignatureMechanism, DecipherMechanism>;

class Pkcs15Card : public Iso7816Card {
public:
    Pkcs15Card(CardDescription description, pkcs15::Location location);

    void select_application(Transaction& transaction) override;

protected:
    /// MSE SET with security_environment(), then PSO COMPUTE DIGITAL SIGNATURE with the DigestInfo (PKCS#1
    /// v1.5), the digest (others), or the padded block.
    Bytes compute_signature(Transaction& transaction, const KeyDescription& key,
                            const SignatureMechanism& mechanism, ByteView data) override;

    /// MSE SET, then PSO DECIPHER.
    SecureBuffer compute_plain_text(Transaction& transaction, const KeyDescription& key,
                                    const DecipherMechanism& mechanism, ByteView cryptogram) override;

    /// The data objects that name key and algorithm. By default the key reference (tag 84), or where there is
    /// none the key file (81); the algorithm goes with the key.
    virtual Bytes security_environment(const KeyDescription& key, const KeyOperation& operation) const;

    /// Whether the padding of RSA is put on and taken off here; the environment has to be one for RSA alone.
    virtual bool is_padded_here(const KeyOperation&) const { return false; }

    /// How a cryptogram or a padded block gets to the card, and a long signature back.
    virtual LongData long_data() const { return LongData::Chained; }

    /// PSO DECIPHER in the environment set before.
    virtual iso7816::SecretResponse transmit_cryptogram(Transaction& transaction, ByteView cryptogram) const;

private:
    Bytes signature_input(const KeyDescription& key, const SignatureMechanism& mechanism,
                          ByteView data) const;

    const pkcs15::Location location_;
};

/// Empty where the card does not tell the date of its last change: nobody knows then whether it still is what
/// it was.
std::optional<CacheKey> cache_key_of(std::string_view driver, const pkcs15::TokenInfo& token_info);

} // namespace digisign::card
