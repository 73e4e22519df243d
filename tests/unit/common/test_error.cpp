// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/error.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <set>
#include <string>

using namespace digisign;

TEST_CASE("error_table__every_code__has_a_name_of_its_own_and_comes_back_from_the_bus") {
    std::set<std::string_view> names;
    for (const ErrorInfo& info : error_table()) {
        CHECK(names.insert(info.name).second);
        CHECK(error_code_from_dbus(error_dbus_name(info.code)) == info.code);
        CHECK(info.exit_code != ExitCode::Success);
        CHECK(info.ck_rv != 0);
        CHECK((info.hint.empty() || info.hint.back() == '.'));
    }
}

TEST_CASE("error_code_from_dbus__names_of_the_bus__mean_that_the_service_is_missing_or_slow") {
    CHECK(error_code_from_dbus("org.freedesktop.DBus.Error.ServiceUnknown") == ErrorCode::ServiceUnavailable);
    CHECK(error_code_from_dbus("org.freedesktop.DBus.Error.Spawn.ExecFailed") ==
          ErrorCode::ServiceUnavailable);
    CHECK(error_code_from_dbus("org.freedesktop.DBus.Error.NoReply") == ErrorCode::TimedOut);
    CHECK(error_code_from_dbus("com.example.Other") == ErrorCode::Internal);
    CHECK(error_code_from_dbus("org.digisign.DigiSign1.Error.NoSuchName") == ErrorCode::Internal);
}

TEST_CASE("error_from_errno__full_disk__is_named") {
    CHECK(error_from_errno(ENOSPC, "x").code() == ErrorCode::DiskFull);
    CHECK(error_from_errno(EDQUOT, "x").code() == ErrorCode::DiskFull);
    CHECK(error_from_errno(EIO, "cannot write").code() == ErrorCode::IoError);
    CHECK(std::string(error_from_errno(EIO, "cannot write").what()).starts_with("cannot write: "));
}

TEST_CASE("with_context__keeps_the_code_and_puts_the_words_in_front") {
    const Error error =
        Error(ErrorCode::CardRemoved, "the card was removed").with_context("cannot sign a.pdf");
    CHECK(error.code() == ErrorCode::CardRemoved);
    CHECK(std::string(error.what()) == "cannot sign a.pdf: the card was removed");
}
