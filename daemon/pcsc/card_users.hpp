// SPDX-License-Identifier: LGPL-2.1-or-later
// Who else may be using the smart card readers, for the sentence "another program holds the card".

#pragma once

#include <string>

namespace digisign::pcsc {

/// "another program holds the card, perhaps scdaemon (process 4711)". pcscd does not tell whose connection is
/// the exclusive one, so this names every other process of this user that has loaded a PC/SC library; without
/// names where there is none, e.g. because the other program belongs to somebody else.
std::string describe_card_holder();

} // namespace digisign::pcsc
