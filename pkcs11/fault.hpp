// SPDX-License-Identifier: LGPL-2.1-or-later
// How a function of the module ends when it does not end well.

#pragma once

#include "pkcs11/cryptoki.hpp"

namespace digisign::pkcs11 {

/// Thrown inside the module; the gate returns its value to the application.
struct Fault {
    CK_RV value;
};

} // namespace digisign::pkcs11
