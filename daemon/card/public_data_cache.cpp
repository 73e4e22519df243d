// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/public_data_cache.hpp"

#include "common/error.hpp"
#include "common/file.hpp"
#include "common/log.hpp"
#include "daemon/card/description_json.hpp"
#include "daemon/card/parse_certificate.hpp"
#include "daemon/crypto/digest.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace digisign::card {

namespace fs = std::filesystem;

namespace {

/// First line of a file. Another number is another format: change it with description_json.
constexpr std::string_view format_line = "digisign-card-cache 3\n";
constexpr std::string_view file_suffix = ".card";

constexpr std::size_t file_size_limit = 512 * 1024; // a card with ten certificates takes some 60 KiB
constexpr std::size_t entries_in_memory = 8;
constexpr std::size_t files_on_disk = 64;

std::string sha256_hex(std::string_view text) {
    return to_hex(crypto::digest_of(Digest::Sha256, as_bytes(text)));
}

fs::path file_of(const fs::path& directory, const CacheKey& key) {
    const std::string name = key.driver + ":" + to_hex(key.identity);
    return directory / (sha256_hex(name).substr(0, 32) + std::string(file_suffix));
}

/// What the checksum covers: the key's tag and the description, a line each.
std::string body_of(const CacheKey& key, const CardDescription& description) {
    return to_hex(key.change_tag) + "\n" + to_json(description) + "\n";
}

std::string file_content(const CacheKey& key, const CardDescription& description) {
    const std::string body = body_of(key, description);
    return std::string(format_line) + sha256_hex(body) + "\n" + body;
}

/// The next line without its end, taken off the front of `text`.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// Drivers leave out what is no certificate, so there is none in a file of ours.
bool certificates_are_readable(const CardDescription& description) {
    std::vector<std::string> warnings;
    return std::ranges::all_of(description.certificates, [&](const CertificateDescription& certificate) {
        return parse_certificate(certificate.der, certificate.label, warnings).has_value();
    });
}

std::optional<CardDescription> parse_file(std::string_view content, const CacheKey& key) {
    if (!content.starts_with(format_line))
        return std::nullopt;
    content.remove_prefix(format_line.size());
    const std::string_view checksum = take_line(content);
    if (sha256_hex(content) != checksum || take_line(content) != to_hex(key.change_tag))
        return std::nullopt;
    auto description = description_from_json(content);
    if (!description || description->driver != key.driver || !certificates_are_readable(*description))
        return std::nullopt;
    return description;
}

std::optional<CardDescription> read_file(const fs::path& path, const CacheKey& key) {
    const auto content = read_small_file(path.string(), file_size_limit);
    return content ? parse_file(to_string(*content), key) : std::nullopt;
}

/// The oldest files beyond the limit; cards are replaced every few years.
void remove_oldest_files(const fs::path& directory) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code ignored; // files that vanish meanwhile, or cannot be removed, do no harm
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored))
        if (entry.path().extension() == file_suffix)
            files.emplace_back(entry.last_write_time(ignored), entry.path());
    if (files.size() <= files_on_disk)
        return;
    std::ranges::sort(files, std::greater{});
    for (std::size_t i = files_on_disk; i < files.size(); ++i)
        fs::remove(files[i].second, ignored);
}

void write_file(const fs::path& directory, const CacheKey& key, const CardDescription& description) {
    try {
        fs::create_directories(directory.parent_path());
        if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
            throw error_from_errno(errno, "cannot make " + directory.string());
        OutputFile file(file_of(directory, key).string(), OutputFile::IfExists::Replace, 0600);
        write_all(file.fd(), as_bytes(file_content(key, description)));
        file.commit();
        remove_oldest_files(directory);
    } catch (const Error& error) {
        log::debug(std::string("cannot remember a card: ") + error.what());
    } catch (const fs::filesystem_error& error) {
        log::debug(std::string("cannot remember a card: ") + error.what());
    }
}

} // namespace

PublicDataCache::PublicDataCache(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::optional<CardDescription> PublicDataCache::find(const CacheKey& key) {
    {
        const std::scoped_lock lock(mutex_);
        const auto entry = std::ranges::find(entries_, key, &Entry::key);
        if (entry != entries_.end())
            return entry->description;
    }
    if (directory_.empty())
        return std::nullopt;
    auto description = read_file(file_of(directory_, key), key);
    if (description)
        remember(key, *description);
    return description;
}

void PublicDataCache::store(const CacheKey& key, const CardDescription& description) {
    remember(key, description);
    if (!directory_.empty()) // without the lock: files are replaced whole, and a disk may take its time
        write_file(directory_, key, description);
}

void PublicDataCache::remember(const CacheKey& key, const CardDescription& description) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) {
        return entry.key.driver == key.driver && entry.key.identity == key.identity;
    });
    entries_.push_front({key, description});
    if (entries_.size() > entries_in_memory)
        entries_.pop_back();
}

} // namespace digisign::card
