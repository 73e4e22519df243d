// SPDX-License-Identifier: LGPL-2.1-or-later
// The data objects of a PIV card (NIST SP 800-73-4 part 1 section 4): found by tags, there are no files.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digisign::card::piv {

/// Table 3 of part 1.
enum class ObjectTag : std::uint32_t {
    Chuid = 0x5FC102,
    SecurityObject = 0x5FC106,
    CardCapabilityContainer = 0x5FC107,
    KeyHistory = 0x5FC10C,
    Discovery = 0x7E,
};

/// The object without the wrapping that says it is one; empty if the card has none. Throws StatusError for
/// other refusals.
std::optional<Bytes> read_object(Transaction& transaction, ObjectTag tag);

/// The object as it is on the card, with that wrapping.
Bytes wrap_object(ObjectTag tag, ByteView content);

/// The certificate in an object for one (part 1 appendix A, table 10), unpacked if it is compressed. Empty,
/// with a warning, if there is none in it.
std::optional<Bytes> certificate_in(ByteView object, const std::string& name,
                                    std::vector<std::string>& warnings);

/// GUID of the CHUID, which no other card has; empty if it is missing or all zeros.
Bytes guid_in(ByteView chuid);

/// How many retired keys the Key History object says are on the card.
std::size_t retired_keys_in(ByteView key_history);

/// Whether the Discovery object names the global PIN as the one to ask for (part 1 section 3.3.2).
bool prefers_global_pin(ByteView discovery);

} // namespace digisign::card::piv
