// SPDX-License-Identifier: LGPL-2.1-or-later
// The list of drivers. A new one is declared here, and added in driver.cpp and to meson.build.

#pragma once

#include "daemon/card/driver.hpp"

namespace digisign::card {

extern const Driver fineid_driver;
extern const Driver isoapplet_driver;
extern const Driver myeid_driver;
extern const Driver piv_driver;
extern const Driver pkcs15_driver;

} // namespace digisign::card
