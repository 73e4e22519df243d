// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer of a card: data, then the status word (ISO 7816-4 section 5.1).

#pragma once

#include "common/bytes.hpp"
#include "daemon/iso7816/status_word.hpp"

#include <optional>

namespace digisign::iso7816 {

struct ResponseApdu {
    Bytes data;
    StatusWord status;

    bool is_success() const { return status.is_success(); }

    /// Empty if there are fewer than the two bytes of a status word.
    static std::optional<ResponseApdu> parse(ByteView answer);
};

} // namespace digisign::iso7816
