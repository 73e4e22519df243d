// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Key

#include "daemon/bus/job_starter.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace digisign::bus {

namespace {

using core::Key;

std::string label(const Key& key) {
    return key.description.label;
}
Bytes id(const Key& key) {
    return key.description.id;
}
std::string_view algorithm(const Key& key) {
    return core::name_of(key.description.algorithm);
}
std::uint32_t bits(const Key& key) {
    return key.description.bits;
}
std::vector<std::string_view> usage(const Key& key) {
    return core::usage_names(key.description.usage);
}
bool always_authenticate(const Key& key) {
    return key.description.always_authenticate;
}

std::vector<std::string> mechanisms(const Key& key) {
    std::vector<std::string> names;
    for (const SignatureMechanism& mechanism : key.description.mechanisms)
        names.push_back(mechanism_name(mechanism));
    return names;
}

ObjectPath pin(const Key& key) {
    const auto reference = key.description.pin_reference;
    const core::Pin* pin = reference ? key.token.find_pin(*reference) : nullptr;
    return {pin != nullptr ? object_path::of(*pin) : "/"};
}

SignatureMechanism read_mechanism(const Key& key, sd_bus_message* message) {
    const std::string name = read_string(message);
    const auto mechanism = mechanism_from_name(name);
    if (!mechanism)
        throw Error(ErrorCode::MechanismUnsupported, fmt::format("there is no mechanism \"{}\"", name));
    if (std::ranges::find(key.description.mechanisms, *mechanism) == key.description.mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported, "this key cannot sign with " + name);
    return *mechanism;
}

Bytes read_data(const SignatureMechanism& mechanism, sd_bus_message* message) {
    Bytes data = read_bytes(message);
    const std::size_t expected = digest_size(mechanism.digest);
    if (expected != 0 && data.size() != expected)
        throw Error(ErrorCode::DigestLengthInvalid,
                    fmt::format("{} takes a digest of {} bytes, not {}", mechanism_name(mechanism), expected,
                                data.size()));
    if (data.empty() || data.size() > core::limits::sign_data)
        throw Error(ErrorCode::DigestLengthInvalid,
                    fmt::format("the data to sign must be 1 to {} bytes long", core::limits::sign_data));
    return data;
}

void method_sign(Endpoint& endpoint, const Key& key, sd_bus_message* message) {
    const SignatureMechanism mechanism = read_mechanism(key, message);
    Bytes data = read_data(mechanism, message);
    const Options options = read_job_options(message, {{"document", Options::Type::Text}});
    core::JobRequest request;
    request.session = key.token.session();
    request.pin_reference = key.description.pin_reference;
    request.work = core::SignWork{key.description.id, mechanism, std::move(data), options.text("document")};
    start_job(endpoint, message, options, std::move(request));
}

} // namespace

const sd_bus_vtable key_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Sign", SD_BUS_ARGS("s", mechanism, "ay", data, "a{sv}", options),
                            SD_BUS_RESULT("o", job), (method_handler<Endpoint, const Key, method_sign>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Label", "s", (property_getter<Key, label>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Id", "ay", (property_getter<Key, id>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Algorithm", "s", (property_getter<Key, algorithm>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Bits", "u", (property_getter<Key, bits>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Usage", "as", (property_getter<Key, usage>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Mechanisms", "as", (property_getter<Key, mechanisms>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Pin", "o", (property_getter<Key, pin>), 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("AlwaysAuthenticate", "b", (property_getter<Key, always_authenticate>), 0,
                    SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
