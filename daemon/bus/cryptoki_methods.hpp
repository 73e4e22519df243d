// SPDX-License-Identifier: LGPL-2.1-or-later
// The methods of org.digisign.DigiSign1.Cryptoki; what they mean is in its XML. Each answers the call, now or
// when it is done, or throws Error.

#pragma once

#include "daemon/bus/private_endpoint.hpp"

namespace digisign::bus::cryptoki {

// cryptoki_pins.cpp
void login(PrivateEndpoint& endpoint, sd_bus_message* message);
void logout(PrivateEndpoint& endpoint, sd_bus_message* message);
void set_pin(PrivateEndpoint& endpoint, sd_bus_message* message);
void unblock_pin(PrivateEndpoint& endpoint, sd_bus_message* message);

// cryptoki_keys.cpp
void sign(PrivateEndpoint& endpoint, sd_bus_message* message);
void decrypt(PrivateEndpoint& endpoint, sd_bus_message* message);
void derive(PrivateEndpoint& endpoint, sd_bus_message* message);

// cryptoki_software.cpp: without a card
void digest(PrivateEndpoint& endpoint, sd_bus_message* message);
void digest_update(PrivateEndpoint& endpoint, sd_bus_message* message);
void digest_final(PrivateEndpoint& endpoint, sd_bus_message* message);
void digest_cancel(PrivateEndpoint& endpoint, sd_bus_message* message);
void verify(PrivateEndpoint& endpoint, sd_bus_message* message);
void encrypt(PrivateEndpoint& endpoint, sd_bus_message* message);
void random(PrivateEndpoint& endpoint, sd_bus_message* message);

} // namespace digisign::bus::cryptoki
