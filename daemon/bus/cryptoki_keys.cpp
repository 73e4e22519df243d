// SPDX-License-Identifier: LGPL-2.1-or-later
// Cryptoki's methods that use a private key in a card.

#include "daemon/bus/cryptoki_arguments.hpp"
#include "daemon/bus/cryptoki_job.hpp"
#include "daemon/bus/cryptoki_methods.hpp"
#include "daemon/core/limits.hpp"

#include <algorithm>
#include <utility>

namespace digisign::bus::cryptoki {

namespace {

/// What is the same for all: PINs come from a login, or from whoever asks for the desktop.
void start(PrivateEndpoint& endpoint, sd_bus_message* message, const core::Slot& slot,
           decltype(core::JobRequest::work) work, AppendResult append) {
    core::JobRequest request;
    request.session = slot.token->session();
    request.work = std::move(work);
    request.agent = agent_for(endpoint, {});
    start_job(endpoint, message, std::move(request), std::move(append));
}

/// The answer is wiped after use, since the call was marked so in the vtable.
void append_secret(sd_bus_message* reply, const core::JobResult& result) {
    append_value(reply, ByteView(result.secret->view()));
}

} // namespace

void sign(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    const card::KeyDescription& key = read_key(slot, message).description;
    const SignatureMechanism mechanism = read_signature_mechanism(message);
    if (std::ranges::find(key.mechanisms, mechanism) == key.mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported,
                    "this key cannot sign with " + mechanism_name(mechanism));
    core::SignWork work{core::SignWork::Kind::One, key.id, mechanism, {}};
    work.items.push_back({{}, read_data_to_sign(message, mechanism)});
    start(endpoint, message, slot, std::move(work), [](sd_bus_message* reply, const core::JobResult& result) {
        append_value(reply, result.signatures.at(0));
    });
}

void decrypt(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    const card::KeyDescription& key = read_key(slot, message).description;
    const DecipherMechanism mechanism = read_decipher_mechanism(message);
    if (std::ranges::find(key.decipher_mechanisms, mechanism) == key.decipher_mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported,
                    "this key cannot decipher with " + mechanism_name(mechanism));
    start(endpoint, message, slot, core::DecryptWork{key.id, mechanism, read_data(message)}, append_secret);
}

void derive(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    core::DeriveWork work;
    work.key_id = read_key(slot, message).description.id;
    work.peer_point = read_data(message);
    work.kdf = read_optional_digest(message);
    work.shared_info = read_data(message);
    work.length = read_uint32(message);
    if (work.length > core::limits::software_data)
        throw Error(ErrorCode::InvalidArgument, "the secret cannot be as long as that");
    start(endpoint, message, slot, std::move(work), append_secret);
}

} // namespace digisign::bus::cryptoki
