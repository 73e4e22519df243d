// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known about a card, as plain values: they cross threads, go into the cache and onto the bus.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace digisign::card {

enum class PinRole { Authentication, Signature, Organisation, Puk };

/// PIN of PKCS#15 AODF (ISO 7816-15 section 8.9), or what a driver knows of its card.
struct PinDescription {
    std::uint8_t reference = 0; ///< P2 of VERIFY, ISO 7816-4 section 11.5.6
    std::string label;          ///< "PIN 1 (basic)", or the card's own label
    PinRole role = PinRole::Authentication;
    std::size_t min_length = 4;
    std::size_t max_length = 12;
    std::size_t stored_length = 0;        ///< length of the padded block; 0 if sent as typed
    std::optional<std::uint8_t> pad_byte; ///< filler up to stored_length
    bool only_digits = true;
    std::optional<std::uint8_t> puk_reference; ///< the PUK that unblocks it, where it is an object of its own
    bool can_change = true;
    bool can_unblock = true; ///< with the PUK of puk_reference, or else one that only this PIN has

    bool operator==(const PinDescription&) const = default;
};

/// References of PINs.
using PinSet = std::set<std::uint8_t>;

/// Changes with use, never cached on disk.
struct PinStatus {
    std::optional<unsigned> tries_left; ///< empty where the card does not tell without spending a try
    bool blocked = false;
    std::optional<bool> factory_value; ///< true while the issuer's single-use code is still set (FINEID DF2F)
    bool verified = false;             ///< the card says that it was presented since the last reset

    bool operator==(const PinStatus&) const = default;
};

enum class KeyAlgorithm { Rsa, Ec };

/// Bits of KeyUsageFlags, ISO 7816-15 section 8.4.
struct KeyUsage {
    bool decrypt = false;
    bool sign = false;
    bool unwrap = false;
    bool derive = false;
    bool non_repudiation = false;

    bool operator==(const KeyUsage&) const = default;
};

struct KeyDescription {
    Bytes id; ///< CKA_ID / PKCS#15 iD, shared with its certificate
    std::string label;
    std::uint16_t reference = 0; ///< key reference of MSE SET
    Bytes path;                  ///< file or DF to select before use, absolute; empty if none
    KeyAlgorithm algorithm = KeyAlgorithm::Rsa;
    unsigned bits = 0; ///< modulus length, or field size of the curve
    std::string curve; ///< "P-256", "P-384" …; empty for RSA
    Bytes spki;        ///< SubjectPublicKeyInfo, where the card has it outside of a certificate
    KeyUsage usage;
    std::optional<std::uint8_t> pin_reference;  ///< PinDescription::reference that guards it
    bool always_authenticate = false;           ///< the PIN is needed for each signature (userConsent)
    std::vector<SignatureMechanism> mechanisms; ///< what sign() accepts
    std::vector<DecipherMechanism> decipher_mechanisms; ///< what decipher() accepts
    bool can_derive = false;                            ///< what derive() is for

    bool operator==(const KeyDescription&) const = default;
};

struct CertificateDescription {
    Bytes id;
    std::string label;
    Bytes der;
    bool authority = false;

    bool operator==(const CertificateDescription&) const = default;
};

/// Data that programs keep on the card, of use to those that know it.
struct DataObjectDescription {
    std::string label;
    std::string application; ///< the program's name; may be empty
    Bytes object_id;         ///< DER of an OBJECT IDENTIFIER; may be empty
    Bytes value;

    bool operator==(const DataObjectDescription&) const = default;
};

/// Of the values of all data objects; what is beyond is left out.
inline constexpr std::size_t data_objects_size_max = 64 * 1024;

/// Everything public on the card.
struct CardDescription {
    std::string driver;     ///< "fineid", "isoapplet", "myeid", "piv", "pkcs15"
    std::string generation; ///< "FINEID v4.1", "MyEID 4.5.5"; empty if there are no generations
    std::string label;      ///< label of TokenInfo, or the card holder's name
    std::string issuer;
    std::string manufacturer;
    std::string model;
    std::string serial_number;        ///< as printed on the card where that is known
    std::vector<PinDescription> pins; ///< PUKs included
    std::vector<KeyDescription> keys;
    std::vector<CertificateDescription> certificates;
    std::vector<DataObjectDescription> data_objects;
    /// Sentences about objects that could not be read; the rest of the card works all the same.
    std::vector<std::string> warnings;

    bool operator==(const CardDescription&) const = default;

    const PinDescription* find_pin(std::uint8_t reference) const;
    const KeyDescription* find_key(ByteView id) const;
    /// The holder's certificate for a key, or nullptr.
    const CertificateDescription* find_certificate(ByteView id) const;

    /// Or a warning, if there is no room for it.
    void add_data_object(DataObjectDescription object);
};

/// A citizen card fresh from the issuer, cards.md A4 (both kinds).
enum class ActivationState {
    Active,
    BlockedPins, ///< PINs blocked, the activation code is the PUK
    FactoryPins, ///< PINs preset to a single-use code
};

/// What a command with a PIN came to; a wrong PIN is a daily outcome and no exception.
struct PinOutcome {
    enum class Kind {
        Accepted,
        Wrong,     ///< one try was spent
        Blocked,   ///< now, or before
        BadLength, ///< nothing was compared
        // On the reader's keys alone (PC/SC part 10 section 2.5.2); nothing was compared.
        PadTimedOut,  ///< nobody typed (6400)
        PadCancelled, ///< the reader's cancel key (6401)
        PadMismatch,  ///< the new PIN was typed differently the second time (6402)
    };

    Kind kind = Kind::Accepted;
    std::optional<unsigned> tries_left; ///< after Wrong, where the card tells

    bool operator==(const PinOutcome&) const = default;
};

} // namespace digisign::card
