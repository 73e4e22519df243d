// SPDX-License-Identifier: LGPL-2.1-or-later
// EF.CIAInfo, called TokenInfo in PKCS#15: the card as a whole (ISO 7816-15 section 8.10).

#pragma once

#include "common/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

/// What the card can compute. Parameters are of any type: FINEID v3 puts a SEQUENCE where others have NULL.
struct AlgorithmInfo {
    std::int64_t reference = 0;
    /// A mechanism number of PKCS#11 (CKM_…).
    std::int64_t algorithm = 0;
    bool computes_signature = false;
    bool deciphers = false;
    /// The card's own name of it, for MSE SET.
    std::optional<std::uint8_t> algorithm_reference;
};

struct TokenInfo {
    Bytes serial_number;
    std::string manufacturer;
    std::string label;
    std::vector<AlgorithmInfo> supported_algorithms;
    /// GeneralizedTime of the last change; empty on most cards.
    Bytes last_update;
};

/// Fields that cannot be read stay empty. Empty if the content is not a SEQUENCE at all.
std::optional<TokenInfo> parse_token_info(ByteView content);

/// A serial number in letters and digits as it is, one in BCD (or anything else) as its hexadecimal digits.
std::string serial_number_text(ByteView serial_number);

} // namespace digisign::card::pkcs15
