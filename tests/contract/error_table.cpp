// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of errors keeps what it promises on each border: D-Bus, PKCS#11, exit codes, the interfaces' XML.

#include "common/error.hpp"
#include "common/file.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>
#include <set>

using namespace digisign;

TEST_CASE("error_names__are_unique_and_fit_for_dbus") {
    std::set<std::string_view> names;
    for (const ErrorInfo& info : error_table()) {
        INFO(info.name);
        CHECK(names.insert(info.name).second);
        CHECK(std::regex_match(std::string(info.name), std::regex("[A-Z][A-Za-z]+")));
    }
}

TEST_CASE("error_code__goes_over_dbus_and_back") {
    for (const ErrorInfo& info : error_table())
        CHECK(error_code_from_dbus(error_dbus_name(info.code)) == info.code);
}

TEST_CASE("unknown_dbus_error__is_internal") {
    CHECK(error_code_from_dbus("org.digisign.DigiSign1.Error.FromTheFuture") == ErrorCode::Internal);
    CHECK(error_code_from_dbus("com.example.Error") == ErrorCode::Internal);
    CHECK(error_code_from_dbus("") == ErrorCode::Internal);
}

TEST_CASE("missing_service_on_the_bus__is_service_unavailable") {
    CHECK(error_code_from_dbus("org.freedesktop.DBus.Error.ServiceUnknown") == ErrorCode::ServiceUnavailable);
    CHECK(error_code_from_dbus("org.freedesktop.DBus.Error.Spawn.ExecFailed") ==
          ErrorCode::ServiceUnavailable);
}

TEST_CASE("error__never_looks_like_success") {
    for (const ErrorInfo& info : error_table()) {
        INFO(info.name);
        CHECK(info.ck_rv != 0); // CKR_OK
        CHECK(info.exit_code != ExitCode::Success);
    }
}

TEST_CASE("hint__is_whole_sentences") {
    for (const ErrorInfo& info : error_table())
        if (!info.hint.empty()) {
            INFO(info.hint);
            CHECK(info.hint.ends_with('.'));
        }
}

TEST_CASE("errors_that_the_xml_mentions__exist") {
    std::set<std::string> known;
    for (const ErrorInfo& info : error_table())
        known.insert(std::string(info.name));
    std::size_t mentioned = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(XML_DIR)) {
        const auto content = read_small_file(entry.path(), 1'000'000);
        const std::string text = content ? to_string(*content) : "";
        const std::regex error_name("[^.]Error\\.([A-Z]\\w+)");
        for (auto match = std::sregex_iterator(text.begin(), text.end(), error_name);
             match != std::sregex_iterator(); ++match, ++mentioned) {
            INFO(entry.path());
            CHECK(known.contains((*match)[1].str()));
        }
    }
    CHECK(mentioned > 0);
}
