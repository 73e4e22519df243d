// SPDX-License-Identifier: LGPL-2.1-or-later
// What surrounds the test's process, as in_rig.py has it: digisignd, pcscd, a reader and a card in it
// (profile myeid).

#pragma once

#include <string>

namespace digisign::test {

/// Has one of the methods of Desk called, with its arguments. Throws std::runtime_error.
void rig(const std::string& request);

} // namespace digisign::test
