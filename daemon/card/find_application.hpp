// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a card has an application: for drivers whose cards have ATRs of all kinds.

#pragma once

#include "daemon/card/transaction.hpp"

#include <optional>

namespace digisign::card {

/// Selects it by its name. Empty if the card refuses: cards that have no such application say so in many
/// words. Throws StatusError for 6F00, which says nothing about it.
std::optional<iso7816::ResponseApdu> find_application(Transaction& transaction, ByteView aid);

} // namespace digisign::card
