// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/public_data_cache.hpp"

#include "daemon/card/description_json.hpp"
#include "tests/virtual-card/certificates.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

using namespace digisign;
using namespace digisign::card;
namespace fs = std::filesystem;

namespace {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern = (fs::temp_directory_path() / "digisign-cache-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

Bytes test_certificate() {
    static const Bytes der = virtual_card::certificate_der(virtual_card::issue_root(
        virtual_card::CardKey::generate_ec("P-256"), std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)));
    return der;
}

CardDescription description() {
    CardDescription card;
    card.driver = "myeid";
    card.generation = "MyEID 4.5.5";
    card.label = "Ångström \"quoted\"\n";
    card.serial_number = "0123";
    PinDescription pin;
    pin.reference = 0x82;
    pin.label = "PIN 2";
    pin.role = PinRole::Signature;
    pin.can_change = false;
    pin.pad_byte = 0xFF;
    pin.puk_reference = 0x83;
    card.pins = {pin, PinDescription{}};
    KeyDescription key;
    key.id = {0x46};
    key.label = "key";
    key.reference = 0x182;
    key.path = {0x3F, 0x00, 0x50, 0x15, 0x4B, 0x01};
    key.algorithm = KeyAlgorithm::Ec;
    key.bits = 384;
    key.curve = "P-384";
    key.usage.non_repudiation = true;
    key.pin_reference = 0x82;
    key.always_authenticate = true;
    key.mechanisms = {{SignatureScheme::Ecdsa, Digest::None}, {SignatureScheme::RsaPss, Digest::Sha512}};
    key.decipher_mechanisms = {{DecipherScheme::RsaPkcs1, Digest::None},
                               {DecipherScheme::RsaOaep, Digest::Sha256}};
    key.can_derive = true;
    card.keys = {key, KeyDescription{}};
    card.data_objects = {{"notice", "program", {0x06, 0x01, 0x2A}, {0x00, 0xFF}}, {"", "", {}, {}}};
    card.certificates = {{{0x46}, "certificate", test_certificate(), false},
                         {{}, "", test_certificate(), true}};
    card.warnings = {"something"};
    return card;
}

CacheKey key() {
    return {"myeid", {0x01, 0x02}, {0x00, 0x07}};
}

fs::path only_file(const fs::path& directory) {
    REQUIRE(std::distance(fs::directory_iterator(directory), fs::directory_iterator()) == 1);
    return fs::directory_iterator(directory)->path();
}

std::string read_text(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

unsigned mode_of(const fs::path& path) {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
}

} // namespace

TEST_CASE("json__any_description__comes_back_as_it_was") {
    CHECK(description_from_json(to_json(description())) == description());
    CHECK(description_from_json(to_json(CardDescription{})) == CardDescription{});
}

TEST_CASE("json__damaged_or_out_of_range__is_refused") {
    const std::string good = to_json(description());
    for (std::size_t length = 0; length < good.size(); length += 7)
        CHECK_FALSE(description_from_json(good.substr(0, length)));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t position = text.find(from);
        REQUIRE(position != std::string::npos);
        return text.replace(position, from.size(), to);
    };
    CHECK_FALSE(description_from_json(with("\"role\":1", "\"role\":9")));
    CHECK_FALSE(description_from_json(with("\"reference\":130", "\"reference\":386")));
    CHECK_FALSE(description_from_json(with("\"reference\":130", "\"reference\":-126")));
    CHECK_FALSE(description_from_json(with("\"reference\":130", "\"reference\":\"130\"")));
    CHECK_FALSE(description_from_json(with("ECDSA", "FOO")));
    CHECK_FALSE(description_from_json(with("\"pins\":[", "\"pins\":{\"a\":[")));
    CHECK_FALSE(description_from_json(with("\"id\":\"46\"", "\"id\":\"4\"")));
    CHECK_FALSE(description_from_json(with("\"label\"", "\"lable\"")));
    CHECK_FALSE(description_from_json("null"));
    CHECK_FALSE(description_from_json("[]"));
}

TEST_CASE("find__stored_before__is_found_in_memory") {
    PublicDataCache cache("");
    CHECK_FALSE(cache.find(key()));
    cache.store(key(), description());
    CHECK(cache.find(key()) == description());
}

TEST_CASE("find__card_has_changed__is_not_found") {
    const TemporaryDirectory directory;
    const fs::path path = GENERATE(true, false) ? directory.path() / "cache" : fs::path();
    PublicDataCache cache(path);
    cache.store(key(), description());
    CacheKey changed = key();
    changed.change_tag = {0x00, 0x08};
    CHECK_FALSE(cache.find(changed));
    CacheKey other_card = key();
    other_card.identity = {0x09};
    CHECK_FALSE(cache.find(other_card));
    CacheKey other_driver = key();
    other_driver.driver = "fineid";
    CHECK_FALSE(cache.find(other_driver));
    // The new content takes the place of the old one.
    cache.store(changed, description());
    CHECK(cache.find(changed));
    CHECK_FALSE(cache.find(key()));
}

TEST_CASE("find__many_other_cards_since__is_found_on_disk_only") {
    const TemporaryDirectory directory;
    PublicDataCache memory("");
    PublicDataCache disk(directory.path() / "cache");
    for (PublicDataCache* cache : {&memory, &disk}) {
        cache->store(key(), description());
        for (std::uint8_t i = 0x10; i < 0x20; ++i)
            cache->store({"myeid", {i}, {}}, description());
    }
    CHECK_FALSE(memory.find(key()));
    CHECK(disk.find(key()) == description());
}

TEST_CASE("find__stored_by_an_earlier_process__is_found") {
    const TemporaryDirectory directory;
    PublicDataCache(directory.path() / "deeper" / "cache").store(key(), description());
    PublicDataCache cache(directory.path() / "deeper" / "cache");
    CHECK(cache.find(key()) == description());
}

TEST_CASE("store__new_directory__is_for_the_user_only_and_nothing_else_is_left_there") {
    const TemporaryDirectory directory;
    PublicDataCache cache(directory.path() / "cache");
    cache.store(key(), description());
    cache.store(key(), description());
    CHECK(mode_of(directory.path() / "cache") == 0700);
    CHECK(mode_of(only_file(directory.path() / "cache")) == 0600);
    CHECK(only_file(directory.path() / "cache").filename().string().find("0102") == std::string::npos);
}

TEST_CASE("find__file_damaged_anywhere__is_ignored_and_replaced") {
    const TemporaryDirectory directory;
    PublicDataCache(directory.path()).store(key(), description());
    const fs::path file = only_file(directory.path());
    const std::string good = read_text(file);
    for (std::size_t i = 0; i < good.size(); i += 5) {
        std::string damaged = good;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x01);
        std::ofstream(file) << damaged;
        CHECK_FALSE(PublicDataCache(directory.path()).find(key()));
        std::ofstream(file) << good.substr(0, i);
        CHECK_FALSE(PublicDataCache(directory.path()).find(key()));
    }
    PublicDataCache(directory.path()).store(key(), description());
    CHECK(PublicDataCache(directory.path()).find(key()) == description());
}

TEST_CASE("find__certificate_in_the_file_is_none__is_ignored") {
    const TemporaryDirectory directory;
    CardDescription broken = description();
    broken.certificates[0].der = Bytes(300, 0x30);
    PublicDataCache(directory.path()).store(key(), broken);
    CHECK_FALSE(PublicDataCache(directory.path()).find(key()));
}

TEST_CASE("store__directory_cannot_be_made__is_no_error") {
    PublicDataCache cache("/proc/no-such-place/cache");
    cache.store(key(), description());
    CHECK(cache.find(key()) == description());
}

TEST_CASE("store__very_many_cards__the_oldest_files_go") {
    const TemporaryDirectory directory;
    PublicDataCache cache(directory.path());
    for (unsigned i = 0; i < 70; ++i)
        cache.store({"myeid", {static_cast<std::uint8_t>(i)}, {}}, {});
    CHECK(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()) == 64);
}
