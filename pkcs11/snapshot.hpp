// SPDX-License-Identifier: LGPL-2.1-or-later
// What digisignd has told of slots, tokens and objects, so that most calls are answered without asking it.

#pragma once

#include "common/bytes.hpp"
#include "pkcs11/cryptoki.hpp"
#include "sdbus/handles.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::pkcs11 {

/// The PIN a slot stands for.
struct Pin {
    std::string label;
    unsigned number = 0; ///< from 1, in the order of the card
    unsigned min_length = 0;
    unsigned max_length = 0;
    std::optional<unsigned> tries_left; ///< empty if unknown
    bool blocked = false;
    bool factory = false; ///< the card has to be activated
    bool can_change = false;
    bool can_unblock = false;
};

struct Token {
    std::string id; ///< another one each time the card is inserted
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial_number;
    std::optional<Pin> pin;
    bool agent = false;   ///< a program is there that asks for PINs
    bool pin_pad = false; ///< PINs can be typed on the reader
};

struct Slot {
    CK_SLOT_ID id = 0;
    std::string reader;
    std::optional<Token> token;
};

struct KeyUsage {
    bool decrypt = false;
    bool sign = false;
    bool unwrap = false;
    bool derive = false;
    bool non_repudiation = false;
};

enum class KeyAlgorithm { Rsa, Ec };

enum class ObjectKind { Certificate, PublicKey, PrivateKey, Data };

/// One object of a token. Every "DER" is as the field of the standard is encoded; what is not known is empty.
struct Object {
    CK_SLOT_ID slot = 0;
    ObjectKind kind{};
    Bytes id;
    std::string label;

    // Certificates, and what the certificate of a key tells.
    Bytes subject; ///< DER of Name
    Bytes spki;    ///< DER of SubjectPublicKeyInfo

    // Certificates.
    Bytes value;  ///< DER; of data objects, their content
    Bytes issuer; ///< DER of Name
    Bytes serial; ///< DER of INTEGER
    Bytes check_value;
    std::string start_date; ///< "YYYYMMDD"
    std::string end_date;
    bool authority = false;

    // Keys.
    KeyAlgorithm algorithm{};
    unsigned bits = 0;
    KeyUsage usage;
    Bytes modulus; ///< big-endian without leading zeros
    Bytes public_exponent;
    Bytes ec_params;                              ///< DER of the curve's OBJECT IDENTIFIER
    Bytes ec_point;                               ///< DER of OCTET STRING with 04‖X‖Y
    std::vector<std::string> mechanisms;          ///< see mechanism_name(SignatureMechanism)
    std::vector<std::string> decipher_mechanisms; ///< see mechanism_name(DecipherMechanism)
    bool can_derive = false;
    bool always_authenticate = false;

    // Data objects.
    std::string application;
    Bytes object_id; ///< DER of OBJECT IDENTIFIER
};

struct Snapshot {
    std::uint64_t generation = 0;
    std::vector<Slot> slots;
    std::vector<Object> objects;

    const Slot* find_slot(CK_SLOT_ID id) const;
};

/// The answer of Cryptoki.GetSnapshot. Entries it does not know are skipped. Throws Error(Internal) for an
/// answer that is not formed as dbus-interfaces/private says, or beyond the bounds in snapshot.cpp.
Snapshot read_snapshot(sd_bus_message* answer);

} // namespace digisign::pkcs11
