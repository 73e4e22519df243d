// SPDX-License-Identifier: LGPL-2.1-or-later
// Unpredictable bytes.

#pragma once

#include "common/bytes.hpp"

#include <cstddef>

namespace digisign::documents {

Bytes random_bytes(std::size_t count);

} // namespace digisign::documents
