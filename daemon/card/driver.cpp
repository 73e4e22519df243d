// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/driver.hpp"

#include "common/error.hpp"
#include "daemon/card/drivers/drivers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

namespace digisign::card {

namespace {

/// Bytes of a pattern; an empty element stands for any byte.
std::vector<std::optional<std::uint8_t>> parse_pattern(std::string_view pattern) {
    std::vector<std::optional<std::uint8_t>> bytes;
    for (std::size_t i = 0; i + 1 < pattern.size();) {
        if (pattern[i] == ' ') {
            ++i;
            continue;
        }
        const auto byte = from_hex(pattern.substr(i, 2));
        bytes.push_back(byte ? std::optional((*byte)[0]) : std::nullopt);
        i += 2;
    }
    return bytes;
}

bool is_candidate(const Driver& driver, ByteView atr) {
    return driver.historical_bytes.empty() ||
           std::ranges::any_of(driver.historical_bytes, [atr](std::string_view pattern) {
               return matches_historical_bytes(atr, pattern);
           });
}

} // namespace

ByteView historical_bytes(ByteView atr) {
    if (atr.size() < 2)
        return {};
    const std::size_t count = atr[1] & 0x0Fu; // T0: K
    std::size_t position = 2;
    // Each Y says which of TA, TB, TC, TD follow; the next Y is in TD.
    for (unsigned y = atr[1] >> 4;;) {
        position += static_cast<std::size_t>(std::popcount(y));
        if (position > atr.size())
            return {};
        if ((y & 0x08) == 0)
            break;
        y = atr[position - 1] >> 4;
    }
    if (count > atr.size() - position)
        return {};
    return atr.subspan(position, count);
}

bool matches_historical_bytes(ByteView atr, std::string_view pattern) {
    const ByteView bytes = historical_bytes(atr);
    const auto wanted = parse_pattern(pattern);
    const auto found = std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end(),
                                   [](std::uint8_t byte, const std::optional<std::uint8_t>& any_or_byte) {
                                       return byte == any_or_byte.value_or(byte);
                                   });
    return !wanted.empty() && found != bytes.end();
}

std::span<const Driver* const> all_drivers() {
    static const auto sorted = [] {
        std::array list{&fineid_driver, &isoapplet_driver, &myeid_driver, &piv_driver, &pkcs15_driver};
        std::ranges::stable_sort(list, std::greater{}, &Driver::priority);
        return list;
    }();
    return sorted;
}

std::unique_ptr<Card> open_card(Transaction& transaction, ByteView atr, PublicDataCache& cache) {
    for (const Driver* driver : all_drivers())
        if (is_candidate(*driver, atr))
            if (auto card = driver->open(transaction, atr, cache))
                return card;
    throw Error(ErrorCode::CardUnrecognized, "no driver knows this card (ATR " + to_hex(atr) + ")");
}

} // namespace digisign::card
