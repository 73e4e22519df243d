// SPDX-License-Identifier: LGPL-2.1-or-later
// The one main() of all Catch2 test programs, with the TAP reporter so that meson counts single cases.

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <catch2/catch_reporter_tap.hpp>
