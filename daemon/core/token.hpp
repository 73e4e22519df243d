// SPDX-License-Identifier: LGPL-2.1-or-later
// A card in a reader, and what is on it, as the loop thread knows it.

#pragma once

#include "daemon/card/description.hpp"
#include "daemon/core/ports.hpp"
#include "daemon/crypto/certificate.hpp"

#include <string>
#include <vector>

namespace digisign::core {

class Token;

struct Pin {
    const Token& token;
    card::PinDescription description;
    std::optional<card::PinStatus> status; ///< empty until the card was asked
};

struct Key {
    const Token& token;
    card::KeyDescription description;
    crypto::PublicKey public_key; ///< of kind Other where neither a certificate nor the card tells it
    Bytes subject;                ///< DER of Name, of its certificate
    Bytes curve;                  ///< DER of the OBJECT IDENTIFIER; empty for RSA
    Bytes point;                  ///< DER of an OCTET STRING; empty for RSA and where it is not known
};

struct Certificate {
    const Token& token;
    card::CertificateDescription description;
    crypto::Certificate content;
    std::string fingerprint; ///< SHA-256 of the DER, upper-case hex
    Bytes sha1;              ///< of the DER; what PKCS#11 calls the check value begins with it
};

/// Its address and those of its pins, keys and certificates stay the same while the card is in the reader.
class Token {
public:
    Token(std::string id, CardSessionId session, ReaderName reader, card::CardDescription description);

    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    /// From the serial number, so a card keeps it from one insertion to the next; letters, digits, '_' and
    /// '.'.
    const std::string& id() const { return id_; }
    CardSessionId session() const { return session_; }
    const ReaderName& reader() const { return reader_; }
    const card::CardDescription& description() const { return description_; }

    const std::vector<Pin>& pins() const { return pins_; }
    const std::vector<Key>& keys() const { return keys_; }
    const std::vector<Certificate>& certificates() const { return certificates_; }

    const Pin* find_pin(std::uint8_t reference) const;
    /// What unblocks a PIN: its PUK on the card, or where the card lists none, one in the PIN's own format.
    card::PinDescription puk_of(const Pin& pin) const;
    const Key* find_key(ByteView id) const;
    /// The holder's certificate of a key, or nullptr.
    const Certificate* find_certificate(ByteView key_id) const;

    /// Common name of the authority above the holder's certificates; empty if there are none.
    std::string issuer() const;

    card::ActivationState activation() const { return activation_; }
    bool needs_activation() const { return activation_ != card::ActivationState::Active; }

    /// `statuses` is parallel to pins(). Returns the pins whose status changed.
    std::vector<const Pin*> update(const std::vector<card::PinStatus>& statuses,
                                   card::ActivationState activation);

    /// Returns whether it changed.
    bool update_pin(std::uint8_t reference, const card::PinStatus& status);

private:
    Key make_key(const card::KeyDescription& description) const;

    std::string id_;
    CardSessionId session_;
    ReaderName reader_;
    card::CardDescription description_;
    std::vector<Pin> pins_;
    std::vector<Key> keys_;
    std::vector<Certificate> certificates_;
    card::ActivationState activation_ = card::ActivationState::Active;
};

} // namespace digisign::core
