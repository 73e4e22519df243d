// SPDX-License-Identifier: LGPL-2.1-or-later
// What a card driver is to the rest of the program: one descriptor at the end of its file under drivers/.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/card.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace digisign::card {

struct Driver {
    /// CardDescription::driver.
    std::string_view name;
    /// Patterns, see matches_historical_bytes(); none: any card is worth a try.
    std::span<const std::string_view> historical_bytes;
    /// Drivers with a higher one are asked first.
    int priority = 0;
    /// Reads the card, or fetches it from the cache. A null pointer says that it is not such a card after
    /// all.
    std::unique_ptr<Card> (*open)(Transaction& transaction, ByteView atr, PublicDataCache& cache);
};

/// The historical bytes of an answer to reset (ISO 7816-3 section 8.2): what its maker says of the card.
/// Empty if the ATR is cut short.
ByteView historical_bytes(ByteView atr);

/// Whether `pattern`, in hexadecimal with ".." for any byte, occurs in the historical bytes.
bool matches_historical_bytes(ByteView atr, std::string_view pattern);

/// All drivers, highest priority first.
std::span<const Driver* const> all_drivers();

} // namespace digisign::card
