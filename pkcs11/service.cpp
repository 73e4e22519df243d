// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pkcs11/service.hpp"

#include "common/names.hpp"

namespace digisign::pkcs11 {

namespace {

using namespace std::chrono_literals;

/// digisignd waits up to three seconds for cards that are being read when it starts.
constexpr Connection::Clock::duration snapshot_timeout = 5s;

/// Of calls that need neither a card nor a person.
constexpr Connection::Clock::duration software_timeout = 10s;

/// digisignd itself limits how long it waits for a person or a card, and says which it was; this is for a
/// digisignd that says nothing.
constexpr Connection::Clock::duration card_timeout = 15min;

constexpr const char* building = "cannot build a call";

void append(sd_bus_message* message, std::uint32_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 'u', &value), building);
}

void append(sd_bus_message* message, std::uint64_t value) {
    sdbus::check(sd_bus_message_append_basic(message, 't', &value), building);
}

void append(sd_bus_message* message, bool value) {
    const int flag = value ? 1 : 0;
    sdbus::check(sd_bus_message_append_basic(message, 'b', &flag), building);
}

void append(sd_bus_message* message, const std::string& value) {
    sdbus::check(sd_bus_message_append_basic(message, 's', value.c_str()), building);
}

void append(sd_bus_message* message, ByteView value) {
    sdbus::check(sd_bus_message_append_array(message, 'y', value.data(), value.size()), building);
}

std::uint32_t number(CK_SLOT_ID slot) {
    return static_cast<std::uint32_t>(slot); // it came as one
}

ByteView read_view(sd_bus_message* answer) {
    const void* data = nullptr;
    std::size_t size = 0;
    sdbus::check(sd_bus_message_read_array(answer, 'y', &data, &size), "cannot read the answer of digisignd");
    return {static_cast<const std::uint8_t*>(data), size};
}

Bytes read_bytes(const Connection::Reply& answer) {
    const ByteView view = read_view(answer.get());
    return {view.begin(), view.end()};
}

/// The message is wiped when it is let go of.
SecureBuffer read_secret(const Connection::Reply& answer) {
    sdbus::check(sd_bus_message_sensitive(answer.get()), "cannot keep a secret");
    const ByteView view = read_view(answer.get());
    SecureBuffer secret(std::max(view.size(), std::size_t{1}));
    secret.append(view);
    return secret;
}

} // namespace

template <class... Arguments>
Connection::Reply Service::call(const char* member, Connection::Clock::duration timeout,
                                const Arguments&... arguments) {
    return connection_.call(
        names::cryptoki_interface, member,
        [&]([[maybe_unused]] sd_bus_message* message) { (append(message, arguments), ...); }, timeout);
}

Snapshot Service::get_snapshot() {
    return read_snapshot(call("GetSnapshot", snapshot_timeout).get());
}

void Service::login(CK_SLOT_ID slot, ByteView pin) {
    (void)call("Login", card_timeout, number(slot), pin); // answers nothing but that it worked
}

void Service::logout(CK_SLOT_ID slot, bool linger) {
    (void)call("Logout", software_timeout, number(slot), linger); // as above
}

void Service::set_pin(CK_SLOT_ID slot, ByteView old_pin, ByteView new_pin) {
    (void)call("SetPin", card_timeout, number(slot), old_pin, new_pin); // as above
}

void Service::unblock_pin(CK_SLOT_ID slot, ByteView puk, ByteView new_pin) {
    (void)call("UnblockPin", card_timeout, number(slot), puk, new_pin); // as above
}

Bytes Service::sign(const Object& key, const SignatureInput& input) {
    return read_bytes(call("Sign", card_timeout, number(key.slot), ByteView(key.id), input.mechanism,
                           input.digested, ByteView(input.data)));
}

SecureBuffer Service::decrypt(const Object& key, const std::string& mechanism, ByteView cryptogram) {
    return read_secret(
        call("Decrypt", card_timeout, number(key.slot), ByteView(key.id), mechanism, cryptogram));
}

SecureBuffer Service::derive(const Object& key, const Derivation& derivation) {
    return read_secret(call("Derive", card_timeout, number(key.slot), ByteView(key.id),
                            ByteView(derivation.peer_point), std::string(digest_name(derivation.kdf)),
                            ByteView(derivation.shared_info), derivation.length));
}

Bytes Service::digest(Digest digest, ByteView data) {
    return read_bytes(call("Digest", software_timeout, std::string(digest_name(digest)), data));
}

void Service::digest_update(std::uint64_t stream, Digest digest, ByteView data) {
    (void)call("DigestUpdate", software_timeout, stream, std::string(digest_name(digest)), data); // as above
}

Bytes Service::digest_final(std::uint64_t stream, ByteView rest) {
    return read_bytes(call("DigestFinal", software_timeout, stream, rest));
}

void Service::digest_cancel(std::uint64_t stream) {
    (void)call("DigestCancel", software_timeout, stream); // as above
}

void Service::verify(const Object& key, const SignatureInput& input, ByteView signature) {
    (void)call("Verify", software_timeout, ByteView(key.spki), input.mechanism, input.digested,
               ByteView(input.data), signature); // as above
}

Bytes Service::encrypt(const Object& key, const std::string& mechanism, ByteView plain_text) {
    return read_bytes(call("Encrypt", software_timeout, ByteView(key.spki), mechanism, plain_text));
}

Bytes Service::random(std::uint32_t length) {
    return read_bytes(call("Random", software_timeout, length));
}

} // namespace digisign::pkcs11
