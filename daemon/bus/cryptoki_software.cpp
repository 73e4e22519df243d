// SPDX-License-Identifier: LGPL-2.1-or-later
// Cryptoki's methods that need no card. All are answered at once, on the loop: what one call can ask for is
// bounded.

#include "daemon/bus/cryptoki_arguments.hpp"
#include "daemon/bus/cryptoki_methods.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/crypto/public_key.hpp"
#include "daemon/crypto/random.hpp"

namespace digisign::bus::cryptoki {

namespace {

constexpr std::string_view answering = "cannot answer";

void answer(sd_bus_message* call) {
    sdbus::check(sd_bus_reply_method_return(call, nullptr), answering);
}

void answer(sd_bus_message* call, ByteView value) {
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_return(call, &raw), answering);
    const sdbus::MessagePtr reply(raw);
    append_value(raw, value);
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), answering);
}

bool is_usable(const crypto::PublicKey& key) {
    switch (key.algorithm()) {
    case crypto::PublicKeyAlgorithm::Rsa:
        return key.bits() <= core::limits::public_key_bits &&
               key.public_exponent().size() <= core::limits::public_exponent;
    case crypto::PublicKeyAlgorithm::Ec:
        return !key.curve().empty(); // else a curve of somebody's own making
    case crypto::PublicKeyAlgorithm::Other:
        break;
    }
    return false;
}

crypto::PublicKey read_public_key(sd_bus_message* message) {
    const Bytes spki = read_bytes(message);
    if (spki.size() <= core::limits::public_key)
        if (auto key = crypto::PublicKey::from_spki(spki); is_usable(key))
            return key;
    throw Error(ErrorCode::InvalidArgument, "this is no public key of a kind that can be used");
}

} // namespace

void digest(PrivateEndpoint&, sd_bus_message* message) {
    const Digest digest = read_digest(message);
    answer(message, crypto::digest_of(digest, read_data(message)));
}

void digest_update(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const std::uint64_t stream = read_uint64(message);
    const Digest digest = read_digest(message);
    endpoint.digest_streams().update(stream, digest, read_data(message));
    answer(message);
}

void digest_final(PrivateEndpoint& endpoint, sd_bus_message* message) {
    const std::uint64_t stream = read_uint64(message);
    answer(message, endpoint.digest_streams().finish(stream, read_data(message)));
}

void digest_cancel(PrivateEndpoint& endpoint, sd_bus_message* message) {
    endpoint.digest_streams().cancel(read_uint64(message));
    answer(message);
}

void verify(PrivateEndpoint&, sd_bus_message* message) {
    const crypto::PublicKey key = read_public_key(message);
    const SignatureMechanism mechanism = read_signature_mechanism(message);
    const Bytes data = read_data_to_sign(message, mechanism);
    if (!key.verify(mechanism, data, read_data(message)))
        throw Error(ErrorCode::SignatureInvalid, "the signature is not one of this data with this key");
    answer(message);
}

void encrypt(PrivateEndpoint&, sd_bus_message* message) {
    const crypto::PublicKey key = read_public_key(message);
    const DecipherMechanism mechanism = read_decipher_mechanism(message);
    const void* data = nullptr;
    std::size_t size = 0;
    // Not copied: it may be a secret, and the message is wiped.
    sdbus::check(sd_bus_message_read_array(message, 'y', &data, &size), "cannot read the call");
    const auto cryptogram = key.encrypt(mechanism, {static_cast<const std::uint8_t*>(data), size});
    if (!cryptogram)
        throw Error(ErrorCode::InvalidArgument, "this key cannot encrypt a text of this length");
    answer(message, *cryptogram);
}

void random(PrivateEndpoint&, sd_bus_message* message) {
    const std::uint32_t length = read_uint32(message);
    if (length == 0 || length > core::limits::software_data)
        throw Error(ErrorCode::InvalidArgument, "this is no possible number of random bytes");
    sd_bus_message* raw = nullptr;
    sdbus::check(sd_bus_message_new_method_return(message, &raw), answering);
    const sdbus::MessagePtr reply(raw);
    sdbus::check(sd_bus_message_sensitive(raw), answering); // it may become a key
    void* bytes = nullptr;
    sdbus::check(sd_bus_message_append_array_space(raw, 'y', length, &bytes), answering);
    crypto::fill_random({static_cast<std::uint8_t*>(bytes), length});
    sdbus::check(sd_bus_send(nullptr, raw, nullptr), answering);
}

} // namespace digisign::bus::cryptoki
