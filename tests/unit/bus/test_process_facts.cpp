// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/process_facts.hpp"

#include <catch2/catch.hpp>

using namespace digisign::bus;

namespace {

const std::string numbers = " S 1 4711 4711 34819 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 1000 2000";

} // namespace

TEST_CASE("stat__of_a_process__gives_terminal_and_start") {
    const auto stat = parse_stat("4711 (bash)" + numbers);
    REQUIRE(stat);
    CHECK(stat->terminal == 34819);
    CHECK(stat->start_time == 123456789);
}

TEST_CASE("stat__name_with_parentheses_and_blanks__does_not_mislead") {
    const auto stat = parse_stat("4711 (a) R 1 2 (b)" + numbers);
    REQUIRE(stat);
    CHECK(stat->terminal == 34819);
}

TEST_CASE("stat__malformed__is_refused") {
    CHECK_FALSE(parse_stat(""));
    CHECK_FALSE(parse_stat("4711 (bash) S 1 4711"));
    CHECK_FALSE(parse_stat("4711 (bash) S 1 4711 4711 x 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 1"));
    CHECK_FALSE(parse_stat("4711 (bash) S 1 4711 4711 0 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -5 1"));
}

TEST_CASE("terminal__device_number__is_a_pseudo_terminal_or_not") {
    CHECK(pseudo_terminal(0x8803) == "pts/3");
    CHECK(pseudo_terminal(0x8901) == "pts/257");
    CHECK(pseudo_terminal(0x00108800) == "pts/256"); // minor 256 of major 136
    CHECK(pseudo_terminal(0x0401).empty());          // tty1
    CHECK(pseudo_terminal(0).empty());
}

TEST_CASE("flatpak__information_file__names_the_application") {
    CHECK(flatpak_from_info("[Application]\nname=org.mozilla.firefox\nruntime=runtime/org.x/1\n") ==
          "org.mozilla.firefox");
    CHECK(flatpak_from_info("[Instance]\nname=wrong\n[Application]\nruntime=x\nname=org.gnome.Evince") ==
          "org.gnome.Evince");
}

TEST_CASE("flatpak__information_file_without_a_proper_name__names_nothing") {
    CHECK(flatpak_from_info("").empty());
    CHECK(flatpak_from_info("[Runtime]\nname=org.freedesktop.Platform\n").empty());
    CHECK(flatpak_from_info("[Application]\nname=\n").empty());
    CHECK(flatpak_from_info("[Application]\nname=my bank\n").empty());
    CHECK(flatpak_from_info("[Application]\n name=x.y\n").empty());
}

TEST_CASE("flatpak__scope__names_the_application") {
    CHECK(flatpak_from_unit("app-flatpak-org.mozilla.firefox-4711.scope") == "org.mozilla.firefox");
    CHECK(flatpak_from_unit("app-flatpak-org.x.a\\x2db\\x2dc-4711.scope") == "org.x.a-b-c");
    CHECK(flatpak_from_unit("app-firefox-4711.scope").empty());
    CHECK(flatpak_from_unit("app-flatpak-4711.scope").empty());
    CHECK(flatpak_from_unit("app-flatpak-org.x-1.service").empty());
    CHECK(flatpak_from_unit("app-flatpak-a\\x20b-1.scope").empty());
}

TEST_CASE("snap__label__names_the_snap") {
    CHECK(snap_from_label("snap.firefox.firefox (enforce)\n") == "firefox");
    CHECK(snap_from_label("snap.chromium_two.chromedriver (complain)") == "chromium_two");
    CHECK(snap_from_label("snap.firefox.hook.configure") == "firefox");
    CHECK(snap_from_label("unconfined\n").empty());
    CHECK(snap_from_label("snap-confine (enforce)").empty());
    CHECK(snap_from_label("system_u:system_r:snap.x.y:s0").empty());
    CHECK(snap_from_label("").empty());
}

TEST_CASE("snap__cgroup__names_the_snap") {
    CHECK(snap_from_cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
                           "snap.firefox.firefox-2c0e9a8e-1b5c-4d86-9f9e-1f0b3a3c7a55.scope\n") == "firefox");
    CHECK(snap_from_cgroup("12:pids:/user.slice\n7:freezer:/snap.evince.evince\n0::/user.slice\n") ==
          "evince");
    CHECK(snap_from_cgroup("0::/user.slice/user-1000.slice/session-2.scope\n").empty());
    CHECK(snap_from_cgroup("0::/system.slice/snap.scope\n").empty());
    CHECK(snap_from_cgroup("").empty());
}
