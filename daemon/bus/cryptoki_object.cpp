// SPDX-License-Identifier: LGPL-2.1-or-later
// org.digisign.DigiSign1.Cryptoki, on the private socket only.

#include "daemon/bus/cryptoki_methods.hpp"
#include "daemon/bus/trampoline.hpp"
#include "daemon/bus/vtables.hpp"

namespace digisign::bus {

namespace {

void get_snapshot(PrivateEndpoint& endpoint, sd_bus_message* message) {
    endpoint.send_snapshot(message);
}

template <auto method>
void call_method(Endpoint& endpoint, Endpoint&, sd_bus_message* message) {
    method(static_cast<PrivateEndpoint&>(endpoint), message); // no other kind serves this interface
}

template <auto method>
constexpr sd_bus_message_handler_t handler = method_handler<Endpoint, Endpoint, call_method<method>>;

constexpr std::uint64_t open = SD_BUS_VTABLE_UNPRIVILEGED;
/// Arguments or results are wiped after use.
constexpr std::uint64_t sensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

} // namespace

const sd_bus_vtable cryptoki_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("GetSnapshot", SD_BUS_NO_ARGS,
                            SD_BUS_RESULT("t", generation, "aa{sv}", slots, "aa{sv}", objects),
                            handler<get_snapshot>, open),
    SD_BUS_METHOD_WITH_ARGS("Login", SD_BUS_ARGS("u", slot, "ay", pin), SD_BUS_NO_RESULT,
                            handler<cryptoki::login>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Logout", SD_BUS_ARGS("u", slot, "b", linger), SD_BUS_NO_RESULT,
                            handler<cryptoki::logout>, open),
    SD_BUS_METHOD_WITH_ARGS("SetPin", SD_BUS_ARGS("u", slot, "ay", old_pin, "ay", new_pin), SD_BUS_NO_RESULT,
                            handler<cryptoki::set_pin>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("UnblockPin", SD_BUS_ARGS("u", slot, "ay", puk, "ay", new_pin), SD_BUS_NO_RESULT,
                            handler<cryptoki::unblock_pin>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Sign",
                            SD_BUS_ARGS("u", slot, "ay", key, "s", mechanism, "b", digested, "ay", data),
                            SD_BUS_RESULT("ay", signature), handler<cryptoki::sign>, open),
    SD_BUS_METHOD_WITH_ARGS("Decrypt", SD_BUS_ARGS("u", slot, "ay", key, "s", mechanism, "ay", cryptogram),
                            SD_BUS_RESULT("ay", plain_text), handler<cryptoki::decrypt>, sensitive),
    SD_BUS_METHOD_WITH_ARGS(
        "Derive",
        SD_BUS_ARGS("u", slot, "ay", key, "ay", peer_point, "s", kdf, "ay", shared_info, "u", length),
        SD_BUS_RESULT("ay", secret), handler<cryptoki::derive>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Digest", SD_BUS_ARGS("s", digest, "ay", data), SD_BUS_RESULT("ay", value),
                            handler<cryptoki::digest>, open),
    SD_BUS_METHOD_WITH_ARGS("DigestUpdate", SD_BUS_ARGS("t", stream, "s", digest, "ay", data),
                            SD_BUS_NO_RESULT, handler<cryptoki::digest_update>, open),
    SD_BUS_METHOD_WITH_ARGS("DigestFinal", SD_BUS_ARGS("t", stream, "ay", data), SD_BUS_RESULT("ay", value),
                            handler<cryptoki::digest_final>, open),
    SD_BUS_METHOD_WITH_ARGS("DigestCancel", SD_BUS_ARGS("t", stream), SD_BUS_NO_RESULT,
                            handler<cryptoki::digest_cancel>, open),
    SD_BUS_METHOD_WITH_ARGS(
        "Verify", SD_BUS_ARGS("ay", spki, "s", mechanism, "b", digested, "ay", data, "ay", signature),
        SD_BUS_NO_RESULT, handler<cryptoki::verify>, open),
    SD_BUS_METHOD_WITH_ARGS("Encrypt", SD_BUS_ARGS("ay", spki, "s", mechanism, "ay", plain_text),
                            SD_BUS_RESULT("ay", cryptogram), handler<cryptoki::encrypt>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Random", SD_BUS_ARGS("u", length), SD_BUS_RESULT("ay", bytes),
                            handler<cryptoki::random>, sensitive),
    SD_BUS_SIGNAL_WITH_ARGS("LoginEnded", SD_BUS_ARGS("u", slot), 0),
    SD_BUS_SIGNAL_WITH_ARGS("SlotsChanged", SD_BUS_ARGS("t", generation), 0),
    SD_BUS_VTABLE_END,
};

} // namespace digisign::bus
