// SPDX-License-Identifier: LGPL-2.1-or-later
// What was read from cards before, so that a known card shows its certificates after a few commands.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/description.hpp"

#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace digisign::card {

/// How a driver tells one card from another, and whether its content changed.
struct CacheKey {
    std::string driver;
    /// The card: its serial number, or anything as good.
    Bytes identity;
    /// Its content: a change counter, a date. Another tag means that the card has to be read again.
    Bytes change_tag;

    bool operator==(const CacheKey&) const = default;
};

/// Remembers the last cards in memory and, given a directory, in files of their own. Holds public data only,
/// never the status of a PIN. May be used by several reader workers at once.
///
/// A file is no more trusted than the card it came from: one that is damaged, of another version or too long
/// is ignored, and replaced when the card was read again.
class PublicDataCache {
public:
    /// `directory` is made when first needed, with access for the user only. Empty: memory only.
    explicit PublicDataCache(std::filesystem::path directory);

    std::optional<CardDescription> find(const CacheKey& key);

    /// Replaces what was known of the card. A directory that cannot be written is no error: the next
    /// insertion just takes longer.
    void store(const CacheKey& key, const CardDescription& description);

private:
    struct Entry {
        CacheKey key;
        CardDescription description;
    };

    void remember(const CacheKey& key, const CardDescription& description);

    const std::filesystem::path directory_;
    std::mutex mutex_;
    std::deque<Entry> entries_; ///< newest first
};

} // namespace digisign::card
