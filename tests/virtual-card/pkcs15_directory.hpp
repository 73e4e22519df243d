// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes the directory files of ISO/IEC 7816-15 (PKCS#15): object directory, PINs, private keys,
// certificates, data, card information.

#pragma once

#include "common/bytes.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace digisign::virtual_card {

struct PinObject {
    std::string label;
    std::uint8_t auth_id = 0;
    std::optional<std::uint8_t> unblocked_by; ///< authId of its PUK
    std::vector<unsigned> flags;              ///< named bits of pwdFlags
    unsigned min_length = 0;
    unsigned stored_length = 0;
    std::uint8_t reference = 0;
    std::uint8_t pad_character = 0;
    Bytes path;
};

struct KeyObject {
    std::string label;
    std::uint8_t id = 0;
    std::uint8_t auth_id = 0;
    bool user_consent = false; ///< the PIN is asked for at every use
    std::vector<unsigned> usage;
    std::optional<std::uint8_t> reference;
    Bytes path;
    bool rsa = false;
    unsigned bits = 0;
};

struct CertificateObject {
    std::string label;
    std::uint8_t id = 0;
    bool authority = false;
    Bytes path;
};

struct DataObject {
    std::string label;
    std::string application;
    Bytes object_id; ///< value of the OBJECT IDENTIFIER
    bool is_private = false;
    Bytes path;
};

/// 1.3.6.1.4.1.32473.1, of the arc for examples (RFC 5612); the value of the OBJECT IDENTIFIER.
Bytes example_object_id();

struct AlgorithmObject {
    unsigned reference = 0;
    unsigned mechanism = 0; ///< a CKM_ value
    Bytes parameters;       ///< one DER element
    std::vector<unsigned> operations;
    unsigned card_reference = 0;
};

struct CardInfo {
    Bytes serial_number;
    std::string manufacturer;
    std::string label;
    std::string language;
    std::vector<AlgorithmObject> algorithms;
    std::string last_update{}; ///< GeneralizedTime; empty where the card does not say
};

/// Entries of EF.OD are `kind` (0 private keys, 4 certificates, 5 trusted certificates, 7 data, 8 PINs) and
/// the path.
struct DirectoryReference {
    std::uint8_t kind;
    Bytes path;
};

Bytes object_directory(std::initializer_list<DirectoryReference> references);
Bytes pin_directory(const std::vector<PinObject>& pins);
Bytes private_key_directory(const std::vector<KeyObject>& keys);
Bytes certificate_directory(const std::vector<CertificateObject>& certificates);
Bytes data_directory(const std::vector<DataObject>& objects);
Bytes card_info(const CardInfo& info);
/// One application template of EF.DIR.
Bytes application_template(ByteView aid, const std::string& label, ByteView path);

} // namespace digisign::virtual_card
