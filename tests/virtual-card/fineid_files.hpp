// SPDX-License-Identifier: LGPL-2.1-or-later
// File contents of the Finnish citizen card, FINEID S4-1.

#pragma once

#include "tests/virtual-card/file_system.hpp"
#include "tests/virtual-card/fineid_card.hpp"
#include "tests/virtual-card/state.hpp"

namespace digisign::virtual_card {

Bytes pkcs15_application_identifier();

/// Builds the whole tree below the MF, which is also the directory of the PKCS#15 application.
void build_fineid_files(FileSystem& files, FineidVersion version, const CardState& state);

} // namespace digisign::virtual_card
