// SPDX-License-Identifier: LGPL-2.1-or-later
// The arguments that methods of Cryptoki have in common.

#pragma once

#include "common/mechanism.hpp"
#include "daemon/bus/endpoint.hpp"
#include "daemon/bus/message.hpp"

namespace digisign::bus {

/// A slot with a card in it. Throws Error: NoReader, CardRemoved.
core::Slot read_slot(const Endpoint& endpoint, sd_bus_message* message);

/// Throws Error(KeyNotFound) unless the slot has it.
const core::Key& read_key(const core::Slot& slot, sd_bus_message* message);

/// At most limits::software_data. Throws Error(InvalidArgument).
Bytes read_data(sd_bus_message* message);

/// Throw Error(MechanismUnsupported) for a name that is not known.
SignatureMechanism read_signature_mechanism(sd_bus_message* message);
DecipherMechanism read_decipher_mechanism(sd_bus_message* message);
Digest read_digest(sd_bus_message* message);
/// Digest::None for an empty name.
Digest read_optional_digest(sd_bus_message* message);

/// The arguments `digested` and `data`: as a signature takes it.
Bytes read_data_to_sign(sd_bus_message* message, const SignatureMechanism& mechanism);

} // namespace digisign::bus
