// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Key

#include "daemon/bus/job_starter.hpp"
#include "daemon/bus/object_path.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/names.hpp"
#include "daemon/crypto/random.hpp"

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

void check_data(const SignatureMechanism& mechanism, const Bytes& data) {
    const std::size_t expected = digest_size(mechanism.digest);
    if (expected != 0 && data.size() != expected)
        throw Error(ErrorCode::DigestLengthInvalid,
                    fmt::format("{} takes a digest of {} bytes, not {}", mechanism_name(mechanism), expected,
                                data.size()));
    if (data.empty() || data.size() > core::limits::sign_data)
        throw Error(ErrorCode::DigestLengthInvalid,
                    fmt::format("the data to sign must be 1 to {} bytes long", core::limits::sign_data));
}

/// Some bytes that nobody else has chosen, in the strongest mechanism the key has.
core::SignWork test_work(const Key& key) {
    if (key.description.mechanisms.empty())
        throw Error(ErrorCode::NotSupported, "this key cannot sign");
    if (key.token.find_certificate(key.description.id) == nullptr)
        throw Error(ErrorCode::CertificateNotFound,
                    "the card has no certificate for this key to check a signature with");
    core::SignWork work;
    work.kind = core::SignWork::Kind::Test;
    work.key_id = key.description.id;
    for (const SignatureMechanism& mechanism : key.description.mechanisms)
        if (mechanism.digest == Digest::Sha256 || work.mechanism.digest == Digest::None)
            work.mechanism = mechanism;
    const std::size_t size = std::max<std::size_t>(digest_size(work.mechanism.digest), 1);
    work.items.push_back({{}, crypto::random_bytes(size)});
    return work;
}

void start_signing(Endpoint& endpoint, const Key& key, sd_bus_message* message, const Options& options,
                   core::SignWork work) {
    const auto pin = key.description.pin_reference;
    const core::ClientId client = endpoint.client_of(message);
    core::JobRequest request;
    request.session = key.token.session();
    const bool may_ask = pin && (key.description.always_authenticate ||
                                 !endpoint.core().logins.has(client, request.session, *pin));
    request.work = std::move(work);
    start_job(endpoint, message, options, std::move(request), may_ask);
}

void method_sign(Endpoint& endpoint, const Key& key, sd_bus_message* message) {
    const SignatureMechanism mechanism = read_mechanism(key, message);
    Bytes data = read_bytes(message);
    check_data(mechanism, data);
    const Options options = read_job_options(message, {{"document", Options::Type::Text}});
    start_signing(endpoint, key, message, options,
                  {core::SignWork::Kind::One,
                   key.description.id,
                   mechanism,
                   {{options.text("document"), std::move(data)}}});
}

void method_sign_batch(Endpoint& endpoint, const Key& key, sd_bus_message* message) {
    core::SignWork work{core::SignWork::Kind::Batch, key.description.id, read_mechanism(key, message), {}};
    sdbus::check(sd_bus_message_enter_container(message, 'a', "(say)"), "cannot read the call");
    while (sdbus::check(sd_bus_message_enter_container(message, 'r', "say"), "cannot read the call") > 0) {
        core::SignWork::Item item;
        item.document = read_string(message);
        item.data = read_bytes(message);
        check_data(work.mechanism, item.data);
        if (item.document.empty() || item.document.size() > core::limits::shown_text)
            throw Error(ErrorCode::InvalidArgument,
                        "each document of a batch needs a name of reasonable length");
        sdbus::check(sd_bus_message_exit_container(message), "cannot read the call");
        work.items.push_back(std::move(item));
        if (work.items.size() > core::limits::batch_items)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("a batch has at most {} documents", core::limits::batch_items));
    }
    sdbus::check(sd_bus_message_exit_container(message), "cannot read the call");
    if (work.items.empty())
        throw Error(ErrorCode::InvalidArgument, "the batch is empty");
    const Options options = read_job_options(message);
    start_signing(endpoint, key, message, options, std::move(work));
}

void method_test(Endpoint& endpoint, const Key& key, sd_bus_message* message) {
    const Options options = read_job_options(message);
    start_signing(endpoint, key, message, options, test_work(key));
}

} // namespace

const sd_bus_vtable key_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Sign", SD_BUS_ARGS("s", mechanism, "ay", data, "a{sv}", options),
                            SD_BUS_RESULT("o", job), (method_handler<Endpoint, const Key, method_sign>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SignBatch", SD_BUS_ARGS("s", mechanism, "a(say)", items, "a{sv}", options),
                            SD_BUS_RESULT("o", job), (method_handler<Endpoint, const Key, method_sign_batch>),
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Test", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job),
                            (method_handler<Endpoint, const Key, method_test>), SD_BUS_VTABLE_UNPRIVILEGED),
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
