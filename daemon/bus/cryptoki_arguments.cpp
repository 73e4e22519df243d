// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/bus/cryptoki_arguments.hpp"

#include "daemon/core/limits.hpp"
#include "daemon/crypto/digest.hpp"

#include <fmt/format.h>

namespace digisign::bus {

namespace {

Error unknown_mechanism(const std::string& name) {
    return {ErrorCode::MechanismUnsupported, fmt::format("there is no mechanism \"{}\"", name)};
}

Digest digest_named(const std::string& name) {
    const auto digest = digest_from_name(name);
    if (!digest)
        throw Error(ErrorCode::MechanismUnsupported, fmt::format("there is no digest \"{}\"", name));
    return *digest;
}

} // namespace

core::Slot read_slot(const Endpoint& endpoint, sd_bus_message* message) {
    const auto id = read_uint32(message);
    const auto slot = endpoint.core().slots.find(static_cast<core::SlotId>(id));
    if (!slot)
        throw Error(ErrorCode::NoReader, "the reader was disconnected");
    if (slot->token == nullptr)
        throw Error(ErrorCode::CardRemoved, "there is no such card in the reader");
    return *slot;
}

const core::Key& read_key(const core::Slot& slot, sd_bus_message* message) {
    const core::Key* key = slot.token->find_key(read_bytes(message));
    if (key == nullptr || !slot.holds(key->description.pin_reference))
        throw Error(ErrorCode::KeyNotFound, "the card has no such key");
    return *key;
}

Bytes read_data(sd_bus_message* message) {
    Bytes data = read_bytes(message);
    if (data.size() > core::limits::software_data)
        throw Error(ErrorCode::InvalidArgument, "the data is too long for one call");
    return data;
}

SignatureMechanism read_signature_mechanism(sd_bus_message* message) {
    const std::string name = read_string(message);
    const auto mechanism = mechanism_from_name(name);
    if (!mechanism)
        throw unknown_mechanism(name);
    return *mechanism;
}

DecipherMechanism read_decipher_mechanism(sd_bus_message* message) {
    const std::string name = read_string(message);
    const auto mechanism = decipher_mechanism_from_name(name);
    if (!mechanism)
        throw unknown_mechanism(name);
    return *mechanism;
}

Digest read_digest(sd_bus_message* message) {
    return digest_named(read_string(message));
}

Digest read_optional_digest(sd_bus_message* message) {
    const std::string name = read_string(message);
    return name.empty() ? Digest::None : digest_named(name);
}

Bytes read_data_to_sign(sd_bus_message* message, const SignatureMechanism& mechanism) {
    const bool digested = read_flag(message);
    Bytes data = read_data(message);
    if (!digested && mechanism.digest != Digest::None)
        return crypto::digest_of(mechanism.digest, data);
    if (data.empty() || data.size() > core::limits::sign_data)
        throw Error(ErrorCode::DigestLengthInvalid, "the data to sign has an impossible length");
    return data;
}

} // namespace digisign::bus
