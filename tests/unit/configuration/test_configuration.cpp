// SPDX-License-Identifier: LGPL-2.1-or-later

#include "configuration/config_file.hpp"
#include "configuration/configuration.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

using namespace digisign::configuration;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// The three directories of an installation, below a temporary one.
class Installation {
public:
    Installation() {
        std::string name = (fs::temp_directory_path() / "digisign-test.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
    }
    ~Installation() { fs::remove_all(root_); }
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;

    std::string path(const std::string& name) const { return (root_ / name).string(); }

    void put(const std::string& name, std::string_view text) const {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }

    Configuration load() const {
        return Configuration::load(
            {.vendor = path("vendor"), .administrator = path("etc"), .user = path("user")});
    }

private:
    fs::path root_;
};

const Configuration::Entry& entry(const Configuration& configuration, std::string_view name) {
    const auto found = std::ranges::find(configuration.entries(), name,
                                         [](const Configuration::Entry& one) { return full_name(*one.key); });
    REQUIRE(found != configuration.entries().end());
    return *found;
}

Settings strictest() {
    Settings settings;
    for (const Key& key : keys())
        key.set(settings, key.strictest);
    return settings;
}

constexpr Origin::Layer policy = Origin::Layer::Policy;

} // namespace

TEST_CASE("no_files_at_all__is_the_defaults") {
    const Installation installation;
    const Configuration configuration = installation.load();
    CHECK(configuration.settings() == Settings());
    CHECK(configuration.warnings().empty());
    REQUIRE(configuration.entries().size() == keys().size());
    for (const Configuration::Entry& one : configuration.entries())
        CHECK(one.origin.text() == "default");
    CHECK(Configuration::load({}).settings() == Settings());
}

TEST_CASE("later_layers__override_earlier_ones") {
    const Installation installation;
    // Each file sets what those after it leave alone, and so the last word of each is visible.
    const char* const files[] = {"vendor/10.conf",      "vendor/20.conf",      "etc/digisign.conf",
                                 "etc/conf.d/10.conf",  "etc/conf.d/20.conf",  "user/digisign.conf",
                                 "user/conf.d/10.conf", "user/conf.d/20.conf", "etc/policy.d/10.conf",
                                 "etc/policy.d/20.conf"};
    int minutes = 0;
    for (const char* file : files) {
        ++minutes;
        installation.put(file, "[prompt]\ntimeout = " + std::to_string(minutes) + "min\n");
        const Configuration configuration = installation.load();
        INFO(file);
        CHECK(configuration.settings().prompt.timeout == std::chrono::minutes(minutes));
        CHECK(entry(configuration, "prompt.timeout").origin.text() == installation.path(file) + ":2");
        CHECK((entry(configuration, "prompt.timeout").origin.layer == policy) ==
              std::string_view(file).starts_with("etc/policy.d"));
    }
}

TEST_CASE("layers_that_set_different_keys__are_put_together") {
    const Installation installation;
    installation.put("vendor/10.conf", "[login]\nallowed = no\n");
    installation.put("etc/digisign.conf", "[card]\ntimeout = 10s\n[pin]\npin-pad = never\n");
    installation.put("user/digisign.conf", "[pin]\nwarn-trivial = no\n");
    Settings expected;
    expected.login.allowed = false;
    expected.card.timeout = 10s;
    expected.pin.pin_pad = PinPadUse::Never;
    expected.pin.warn_trivial = false;
    CHECK(installation.load().settings() == expected);
    CHECK(installation.load().warnings().empty());
}

TEST_CASE("other_files__are_not_read") {
    const Installation installation;
    for (const char* file : {"vendor/10.conf~", "vendor/.10.conf", "etc/conf.d/README", "etc/other.conf",
                             "user/policy.d/10.conf", "vendor/policy.d/10.conf", "vendor/.conf"})
        installation.put(file, "[login]\nallowed = no\n");
    CHECK(installation.load().settings() == Settings());
    CHECK(installation.load().warnings().empty());
}

TEST_CASE("user_without_directory__has_the_administrators_settings") {
    const Installation installation;
    installation.put("etc/digisign.conf", "[login]\nallowed = no\n");
    const Configuration configuration =
        Configuration::load({.vendor = "", .administrator = installation.path("etc"), .user = ""});
    CHECK_FALSE(configuration.settings().login.allowed);
    CHECK(configuration.warnings().empty());
}

TEST_CASE("bad_line__is_ignored_with_a_warning_that_names_it") {
    const Installation installation;
    installation.put("etc/digisign.conf", "[login]\nidle-limit = 5min\n");
    installation.put(
        "user/digisign.conf",
        "[login]\nidle-limit = soon\nidle = 3\n[colour]\nred = yes\nnonsense\n[pin]\nwarn-trivial = no\n");
    const Configuration configuration = installation.load();
    CHECK(configuration.settings().login.idle_limit == 5min);
    CHECK_FALSE(configuration.settings().pin.warn_trivial);
    CHECK(entry(configuration, "login.idle-limit").origin.text() ==
          installation.path("etc/digisign.conf") + ":2");
    REQUIRE(configuration.warnings().size() == 4);
    const std::string file = installation.path("user/digisign.conf");
    CHECK(configuration.warnings()[0] ==
          file +
              ":2: \"soon\" is no value of login.idle-limit (0 (never), or 1s to 24h); the line is ignored");
    CHECK(configuration.warnings()[1] == file + ":3: there is no key \"idle\" in section \"login\"");
    CHECK(configuration.warnings()[2] == file + ":5: there is no key \"red\" in section \"colour\"");
    CHECK(configuration.warnings()[3] ==
          file + ":6: neither [section] nor key = value below one; the line is ignored");
}

TEST_CASE("file_full_of_nonsense__gives_few_and_short_warnings") {
    const Installation installation;
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += std::string(50, 'x') + "\n";
    installation.put("user/digisign.conf", text);
    installation.put("user/conf.d/10.conf",
                     "[login]\nidle-limit = " + std::string(10'000, 'x') + "\x1B[2J\n");
    const Configuration configuration = installation.load();
    CHECK(configuration.settings() == Settings());
    CHECK(configuration.warnings().size() == 12);
    CHECK_THAT(configuration.warnings()[10], Contains("digisign.conf: there is more wrong with it"));
    CHECK(configuration.warnings().back().size() < 300 + installation.path("user").size());
}

TEST_CASE("unreadable_files__are_ignored_with_a_warning") {
    const Installation installation;
    installation.put("vendor/10.conf", "[login]\nallowed = no\n" + std::string(max_file_size, '#'));
    fs::create_directories(installation.path("etc/digisign.conf"));
    fs::create_directories(installation.path("user/conf.d"));
    REQUIRE(::mkfifo(installation.path("user/digisign.conf").c_str(), 0600) == 0);
    fs::create_symlink("/dev/zero", installation.path("user/conf.d/10.conf"));
    fs::create_symlink("nowhere", installation.path("user/conf.d/20.conf"));
    const Configuration configuration = installation.load();
    CHECK(configuration.settings() == Settings());
    REQUIRE(configuration.warnings().size() == 5);
    CHECK_THAT(configuration.warnings()[0],
               Contains("vendor/10.conf: cannot be read: it is larger than 64 KiB"));
    CHECK_THAT(configuration.warnings()[1],
               Contains("etc/digisign.conf: cannot be read: it is not an ordinary file"));
    CHECK_THAT(configuration.warnings()[2],
               Contains("user/digisign.conf: cannot be read: it is not an ordinary"));
    CHECK_THAT(configuration.warnings()[3],
               Contains("conf.d/10.conf: cannot be read: it is not an ordinary file"));
    CHECK_THAT(configuration.warnings()[4],
               Contains("conf.d/20.conf: cannot be read: it is a link to nothing"));
}

TEST_CASE("directory_of_too_many_files__is_not_read") {
    const Installation installation;
    for (std::size_t i = 0; i <= max_files; ++i)
        installation.put("user/conf.d/" + std::to_string(i) + ".conf", "[login]\nallowed = no\n");
    CHECK(installation.load().settings() == Settings());
    REQUIRE(installation.load().warnings().size() == 1);
    CHECK_THAT(installation.load().warnings()[0],
               Contains("conf.d: cannot be read: it has more than 100 files"));
}

TEST_CASE("users_file_of_somebody_else__is_ignored") {
    if (::geteuid() != 0) {
        WARN("only root can give files away");
        return;
    }
    const Installation installation;
    installation.put("user/digisign.conf", "[login]\nidle-limit = 0\n");
    CHECK(installation.load().settings().login.idle_limit == 0s);
    REQUIRE(::chown(installation.path("user/digisign.conf").c_str(), 12345, 0) == 0);
    CHECK(installation.load().settings().login.idle_limit == 15min);
    REQUIRE(installation.load().warnings().size() == 1);
    CHECK_THAT(installation.load().warnings()[0], Contains("it belongs to another user"));
}

TEST_CASE("policy__cannot_be_overridden_and_the_user_is_told") {
    const Installation installation;
    installation.put("etc/policy.d/10-bank.conf", "[login]\nidle-limit = 1min\nallowed = yes\n");
    installation.put("etc/digisign.conf", "[login]\nidle-limit = 2h\n");
    installation.put("user/digisign.conf", "[login]\nallowed = yes\nidle-limit = 0\n");
    const Configuration configuration = installation.load();
    CHECK(configuration.settings().login.idle_limit == 1min);
    CHECK(entry(configuration, "login.idle-limit").origin.layer == policy);
    REQUIRE(configuration.warnings().size() == 1); // the other line says what the policy says
    CHECK(configuration.warnings()[0] == installation.path("user/digisign.conf") +
                                             ":3: login.idle-limit is held by the administrator's policy (" +
                                             installation.path("etc/policy.d/10-bank.conf") +
                                             ":2); the line has no effect");
}

TEST_CASE("bad_value_in_a_policy__is_the_strictest_one") {
    for (const Key& key : keys()) {
        const Installation installation;
        const std::string name(key.name);
        installation.put("etc/policy.d/10.conf",
                         "[" + std::string(key.section) + "]\n" + name + " = nonsense\n");
        const Configuration configuration = installation.load();
        INFO(full_name(key));
        Settings expected;
        key.set(expected, key.strictest);
        CHECK(configuration.settings() == expected);
        CHECK(entry(configuration, full_name(key)).origin.layer == policy);
        REQUIRE(configuration.warnings().size() == 1);
        CHECK_THAT(configuration.warnings()[0],
                   Contains("strictest value holds, " + value_text(key.strictest)));
    }
}

TEST_CASE("strictest__is_what_protects_most") {
    const Settings settings = strictest();
    CHECK_FALSE(settings.login.allowed);
    CHECK(settings.login.idle_limit == 1s);
    CHECK(settings.login.end_on_screen_lock);
    CHECK(settings.login.end_on_suspend);
    CHECK(settings.pin.warn_trivial);
    CHECK(settings.pin.pin_pad == PinPadUse::Prefer);
    CHECK(settings.prompt == Settings().prompt);
    CHECK(settings.card == Settings().card);
}

TEST_CASE("policy_that_cannot_be_understood_as_a_whole__makes_everything_strict") {
    const Installation installation;
    installation.put("user/digisign.conf", "[login]\nallowed = yes\n");
    SECTION("malformed line") {
        installation.put("etc/policy.d/10.conf",
                         "[prompt]\ntimeout = 1min\n[login]\nidle-limit 5min\nallowed = yes\n");
    }
    SECTION("too large") {
        installation.put("etc/policy.d/10.conf", std::string(max_file_size + 1, '\n'));
    }
    SECTION("not a file") {
        fs::create_directories(installation.path("etc/policy.d/10.conf"));
    }
    SECTION("link to nothing") {
        fs::create_directories(installation.path("etc/policy.d"));
        fs::create_symlink("nowhere", installation.path("etc/policy.d/10.conf"));
    }
    SECTION("not a directory") {
        installation.put("etc/policy.d", "");
    }
    const Configuration configuration = installation.load();
    CHECK(configuration.settings() == strictest());
    for (const Configuration::Entry& one : configuration.entries())
        CHECK(one.origin.layer == policy);
    REQUIRE_FALSE(configuration.warnings().empty());
    CHECK_THAT(configuration.warnings()[0],
               Contains("etc/policy.d") && Contains("the strictest value of every key"));
}

TEST_CASE("later_policy_file__can_still_set_what_a_broken_one_did_not") {
    const Installation installation;
    installation.put("etc/policy.d/10.conf", "nonsense\n");
    installation.put("etc/policy.d/20.conf", "[login]\nallowed = yes\n");
    Settings expected = strictest();
    expected.login.allowed = true;
    CHECK(installation.load().settings() == expected);
}

TEST_CASE("unknown_key_in_a_policy__is_only_a_warning") {
    const Installation installation;
    installation.put("etc/policy.d/10.conf", "[tray]\nicon = no\n");
    CHECK(installation.load().settings() == Settings());
    CHECK(installation.load().warnings().size() == 1);
}
