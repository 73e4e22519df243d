// SPDX-License-Identifier: LGPL-2.1-or-later
// What a card's answer to a cryptogram tells, and what it does not.

#pragma once

#include "common/error.hpp"
#include "common/mechanism.hpp"
#include "daemon/iso7816/response_apdu.hpp"

namespace digisign::card {

/// CryptogramInvalid, in the same words each time.
Error cryptogram_invalid();

/// The plain text, or the block of a raw operation. Throws StatusError if the card wants a PIN first, or does
/// not know the command (which another application may have got), and cryptogram_invalid() for every other
/// refusal.
SecureBuffer expect_plain_text(iso7816::SecretResponse response);

/// Takes the padding off a block that a card computed by RSA alone. Throws cryptogram_invalid().
SecureBuffer plain_text_of(const DecipherMechanism& mechanism, const SecureBuffer& block);

} // namespace digisign::card
