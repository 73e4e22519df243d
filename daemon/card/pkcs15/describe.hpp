// SPDX-License-Identifier: LGPL-2.1-or-later
// From the objects of ISO 7816-15 to the description that the rest of the daemon uses. Pure.

#pragma once

#include "daemon/card/description.hpp"
#include "daemon/card/pkcs15/application.hpp"

namespace digisign::card::pkcs15 {

/// `mechanisms` of the keys is left empty: the driver knows them.
CardDescription describe(const Objects& objects, const Location& location);

} // namespace digisign::card::pkcs15
