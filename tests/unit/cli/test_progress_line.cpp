// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/progress_line.hpp"

#include <catch2/catch.hpp>

using digisign::cli::progress_text;
using digisign::client::JobStatus;
using digisign::client::JobWait;

TEST_CASE("progress__is_a_percentage_where_it_is_known") {
    CHECK(progress_text("Signing", {.progress = 0.456}, 0) == "Signing… 45 %");
    CHECK(progress_text("Signing", {.progress = 1.5}, 0) == "Signing… 100 %");
}

TEST_CASE("progress__turns_a_spinner_where_it_is_not_known") {
    CHECK(progress_text("Signing", {}, 0) == "Signing… |");
    CHECK(progress_text("Signing", {}, 5) == "Signing… /");
}

TEST_CASE("progress__says_what_is_waited_for") {
    CHECK(progress_text("Signing", {.waiting_for = JobWait::Card}, 0) == "Signing… (waiting for the card) |");
    CHECK(progress_text("Signing", {.queued = true}, 0) ==
          "Signing… (waiting for another program's turn with the card) |");
}
