// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/config_listing.hpp"
#include "common/error.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace digisign;
using namespace digisign::cli;
using Catch::Matchers::Contains;
using configuration::Configuration;
namespace fs = std::filesystem;

namespace {

/// An administrator's policy and a user's file that wants something else; the user's directory has an escape
/// character in its name.
class SampleFiles {
public:
    SampleFiles() {
        std::string name = (fs::temp_directory_path() / "digisign-test.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
        fs::create_directories(root_ / "etc/policy.d");
        fs::create_directories(root_ / "us\x1B[2Jer");
        std::ofstream(root_ / "etc/policy.d/10.conf") << "[login]\nidle-limit = 5min\n";
        std::ofstream(root_ / "us\x1B[2Jer/digisign.conf") << "[login]\nallowed = no\nidle-limit = 0\n";
    }
    ~SampleFiles() { fs::remove_all(root_); }
    SampleFiles(const SampleFiles&) = delete;
    SampleFiles& operator=(const SampleFiles&) = delete;

    Configuration load() const {
        return Configuration::load(
            {.vendor = "", .administrator = policy_directory(), .user = user_directory()});
    }
    std::string policy_directory() const { return (root_ / "etc").string(); }
    std::string user_directory() const { return (root_ / "us\x1B[2Jer").string(); }

private:
    fs::path root_;
};

} // namespace

TEST_CASE("config__lists_every_key_with_its_value") {
    const std::string text = config_text(SampleFiles().load(), false);
    CHECK_THAT(text, Contains("login.allowed = no\n") && Contains("login.idle-limit = 5min\n") &&
                         Contains("pin.pin-pad = prefer\n"));
    CHECK(static_cast<std::size_t>(std::ranges::count(text, '\n')) == configuration::keys().size());
}

TEST_CASE("config_with_origin__tells_file_and_line_and_policy") {
    const SampleFiles files;
    const std::string text = config_text(files.load(), true);
    CHECK_THAT(text, Contains("login.idle-limit = 5min  # " + files.policy_directory() +
                              "/policy.d/10.conf:2 (policy)\n"));
    CHECK_THAT(text, Contains("login.allowed = no  # ") && Contains("er/digisign.conf:2\n"));
    CHECK_THAT(text, Contains("card.timeout = 30s  # default\n"));
    CHECK(text.find('\x1B') == std::string::npos);
}

TEST_CASE("config_of_one_key__is_its_value") {
    CHECK(config_value_text(SampleFiles().load(), "login.idle-limit", false) == "5min\n");
    CHECK(config_value_text(SampleFiles().load(), "card.timeout", true) == "30s  # default\n");
}

TEST_CASE("config_of_an_unknown_key__is_an_error") {
    for (const char* name : {"login", "login.", "idle-limit", "Login.allowed", "login.allowed "}) {
        INFO(name);
        CHECK_THROWS_WITH(config_value_text(SampleFiles().load(), name, false),
                          Contains("no setting called"));
        CHECK_THROWS_AS(config_json(SampleFiles().load(), name), Error);
    }
}

TEST_CASE("config_json__has_typed_values_and_their_origin") {
    const SampleFiles files;
    const auto json = nlohmann::json::parse(config_json(files.load(), ""));
    CHECK(json["schema"] == 1);
    REQUIRE(json["settings"].size() == configuration::keys().size());
    CHECK(json["settings"][0]["key"] == "login.allowed");
    CHECK(json["settings"][0]["value"] == false);
    CHECK(json["settings"][0]["default"] == true);
    CHECK(json["settings"][0]["layer"] == "user");
    CHECK(json["settings"][0]["file"] == files.user_directory() + "/digisign.conf");
    CHECK(json["settings"][0]["line"] == 2);
    CHECK(json["settings"][1]["value"] == 300);
    CHECK(json["settings"][1]["layer"] == "policy");
    CHECK(json["settings"][2]["file"].is_null());
    CHECK(json["settings"][2]["line"].is_null());
    REQUIRE(json["warnings"].size() == 1);
    CHECK_THAT(json["warnings"][0].get<std::string>(), Contains("no effect"));
}

TEST_CASE("config_json_of_one_key__has_that_one") {
    const auto json = nlohmann::json::parse(config_json(SampleFiles().load(), "pin.pin-pad"));
    REQUIRE(json["settings"].size() == 1);
    CHECK(json["settings"][0]["value"] == "prefer");
}
