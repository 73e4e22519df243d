// SPDX-License-Identifier: LGPL-2.1-or-later
// The one main() of all Catch2 test programs, with a TAP reporter so that meson counts single cases.

#define CATCH_CONFIG_MAIN
#include "tests/tap_reporter.hpp"

using digisign::test::TapReporter; // the macro takes a plain name
CATCH_REGISTER_REPORTER("tap", TapReporter)
