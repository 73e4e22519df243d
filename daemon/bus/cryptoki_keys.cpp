// SPDX-License-Identifier: LGPL-2.1-or-later
// Cryptoki's methods that use a private key in a card.

#include "daemon/bus/cryptoki_arguments.hpp"
#include "daemon/bus/cryptoki_job.hpp"
#include "daemon/bus/cryptoki_methods.hpp"

#include <algorithm>
#include <utility>

namespace digisign::bus::cryptoki {

void sign(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const core::Slot slot = read_slot(endpoint, message);
    const card::KeyDescription& key = read_key(slot, message).description;
    const SignatureMechanism mechanism = read_signature_mechanism(message);
    if (std::ranges::find(key.mechanisms, mechanism) == key.mechanisms.end())
        throw Error(ErrorCode::MechanismUnsupported,
                    "this key cannot sign with " + mechanism_name(mechanism));
    core::JobRequest request;
    request.session = slot.token->session();
    core::SignWork work{core::SignWork::Kind::One, key.id, mechanism, {}};
    work.items.push_back({{}, read_data_to_sign(message, mechanism)});
    request.work = std::move(work);
    request.agent = agent_for(endpoint, {});
    start_job(endpoint, message, std::move(request),
              [](sd_bus_message* reply, const core::JobResult& result) {
                  append_value(reply, result.signatures.at(0));
              });
}

} // namespace digisign::bus::cryptoki
