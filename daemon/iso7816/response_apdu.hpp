// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer of a card: data, then the status word (ISO 7816-4 section 5.1).

#pragma once

#include "common/bytes.hpp"
#include "common/secure_buffer.hpp"
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

/// An answer whose data is secret: a plain text, or a key that two parties share.
struct SecretResponse {
    SecureBuffer data;
    StatusWord status;

    bool is_success() const { return status.is_success(); }

    static std::optional<SecretResponse> parse(SecureBuffer answer);
};

} // namespace digisign::iso7816
