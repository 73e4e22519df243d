// SPDX-License-Identifier: LGPL-2.1-or-later
// The header of PKCS#11 3.0, as NSS publishes it: that of p11-kit in Debian 12 ends with 2.40.

#pragma once

// exports.map says which of these functions a host finds by name.
#pragma GCC visibility push(default)
#include <pkcs11.h>
#pragma GCC visibility pop

#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID 0x00000004UL // PKCS#11 3.0 section 4.4; NSS has no use for it
#endif
