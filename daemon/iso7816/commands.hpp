// SPDX-License-Identifier: LGPL-2.1-or-later
// The interindustry commands in use, named as ISO 7816-4 and 7816-8 name them.

#pragma once

#include "daemon/iso7816/command_apdu.hpp"

namespace digisign::iso7816 {

/// P1 of SELECT, ISO 7816-4 section 11.1.1.
enum class SelectBy : std::uint8_t {
    DfName = 0x04,
    PathFromMf = 0x08,
    PathFromCurrentDf = 0x09,
};

/// P2 of SELECT, the same section: what to answer with.
enum class SelectAnswer : std::uint8_t { Fci = 0x00, Fcp = 0x04, None = 0x0C };

CommandApdu select(SelectBy by, ByteView name, SelectAnswer answer);

/// READ BINARY of the selected file. `offset` is at most 0x7FFF.
CommandApdu read_binary(std::size_t offset, std::size_t length);

/// GET RESPONSE, for the rest of an answer that ended in 61xx.
CommandApdu get_response(std::uint8_t cla, std::size_t length);

/// GET DATA with an even instruction byte: one data object of a two-byte tag.
CommandApdu get_data(std::uint16_t tag, std::size_t length);

/// VERIFY without data: asks for the status of a PIN and costs no try (ISO 7816-4 section 11.5.6).
CommandApdu verify_status(std::uint8_t reference);

/// VERIFY with P1 = FF and no data: the PIN is not verified any more (the same section).
CommandApdu verify_end(std::uint8_t reference);

/// Control reference template that MSE SET fills.
enum class ReferenceTemplate : std::uint8_t {
    Authentication = 0xA4,
    DigitalSignature = 0xB6,
    Confidentiality = 0xB8,
};

/// MANAGE SECURITY ENVIRONMENT, SET for computation (P1 = 41), ISO 7816-4 section 11.5.11.
CommandApdu manage_security_environment(ReferenceTemplate crt, ByteView data_objects);

/// PERFORM SECURITY OPERATION, HASH with a digest computed outside the card: data object 90 (ISO 7816-8
/// section 11.8).
CommandApdu pso_hash_external(ByteView digest);

/// PERFORM SECURITY OPERATION, COMPUTE DIGITAL SIGNATURE (ISO 7816-8). No data: over the hash
/// set before.
CommandApdu pso_compute_digital_signature(ByteView data, std::size_t signature_length);

/// First byte of a cryptogram, ISO 7816-4 section 10.3.3.
enum class PaddingIndicator : std::uint8_t {
    NoIndication = 0x00,
    Proprietary = 0x81, ///< 80 to 8E mean what the card's maker says
};

/// PERFORM SECURITY OPERATION, DECIPHER (ISO 7816-8 section 11.9).
CommandApdu pso_decipher(PaddingIndicator indicator, ByteView cryptogram);

/// GENERAL AUTHENTICATE (ISO 7816-4 section 11.5.5). Cards have it under one of two instruction bytes, with
/// algorithm and key in P1 and P2, or 0 where MSE SET named them before. `data_objects` goes into the
/// template of dynamic authentication data (7C).
CommandApdu general_authenticate(std::uint8_t ins, std::uint8_t algorithm, std::uint8_t key,
                                 ByteView data_objects);

} // namespace digisign::iso7816
