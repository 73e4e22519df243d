// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a card's signature is one by the key that its certificate names.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "daemon/card/description.hpp"

namespace digisign::card {

/// Throws Error(SignatureInvalid). Returns also if the card has no certificate for the key to compare with.
void check_signature(const CardDescription& card, const KeyDescription& key,
                     const SignatureMechanism& mechanism, ByteView data, ByteView signature);

} // namespace digisign::card
