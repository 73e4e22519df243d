// SPDX-License-Identifier: LGPL-2.1-or-later
// The example file and the manual page tell of every key, with its default.

#include "configuration/ini_file.hpp"
#include "configuration/key.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

using namespace digisign::configuration;
using Catch::Matchers::Contains;

namespace {

std::string content_of(const std::string& name) {
    std::ifstream file(std::filesystem::path(DOCS_DIR) / name);
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The lines "#key = value", which are comments in the example, as assignments.
std::string with_keys_set(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ')
            line.erase(0, 1);
        result += line + "\n";
        at = end == std::string::npos ? text.size() : end + 1;
    }
    return result;
}

} // namespace

TEST_CASE("example__sets_nothing_as_it_is") {
    CHECK(read_ini(content_of("digisign.conf")).empty());
}

TEST_CASE("example__has_every_key_in_order_with_its_default") {
    const std::string text = with_keys_set(content_of("digisign.conf"));
    const std::vector<IniLine> lines = read_ini(text);
    REQUIRE(lines.size() == keys().size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Key& key = keys()[i];
        INFO(full_name(key));
        CHECK(std::string(lines[i].section) + "." + std::string(lines[i].name) == full_name(key));
        CHECK(lines[i].value == value_text(key.get(Settings())));
    }
}

TEST_CASE("manual__has_every_key_with_its_default_and_its_strictest_value") {
    const std::string manual = content_of("man/digisign.conf.5");
    for (const Key& key : keys()) {
        std::string name;
        for (const char c : key.name)
            name += c == '-' ? std::string("\\-") : std::string(1, c);
        CHECK_THAT(manual, Contains("\n.BI " + name + "= "));
        CHECK_THAT(manual, Contains("\nDefault: " + value_text(key.get(Settings())) +
                                    ", in place of a bad policy: " + value_text(key.strictest) + ".\n"));
    }
}
