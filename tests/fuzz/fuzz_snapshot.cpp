// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as the body of the answer to GetSnapshot, as a broken digisignd could send it: libsystemd and the
// decoder refuse it, or what they make of it has attributes, infos and mechanisms. The bytes come through a
// socket, in a message whose frame is written here.

#include "common/unique_fd.hpp"
#include "pkcs11/attributes.hpp"
#include "pkcs11/infos.hpp"
#include "pkcs11/mechanisms.hpp"
#include "pkcs11/snapshot.hpp"

#include <sys/socket.h>

#include <cstdlib>
#include <string_view>

namespace {

using namespace digisign;

void require(bool condition) {
    if (!condition)
        std::abort();
}

/// A connection whose other side has said what is to be said before the first message, see "Authentication
/// Protocol" in the D-Bus specification.
sdbus::BusPtr connect(UniqueFd& peer) {
    int pair[2] = {-1, -1};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    peer = UniqueFd(pair[1]);
    sd_bus* raw = nullptr;
    require(sd_bus_new(&raw) >= 0);
    sdbus::BusPtr bus(raw);
    require(sd_bus_set_fd(raw, pair[0], pair[0]) >= 0);
    constexpr std::string_view welcome = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nERROR\r\n";
    require(::send(peer.get(), welcome.data(), welcome.size(), 0) == static_cast<ssize_t>(welcome.size()));
    require(sd_bus_start(raw) >= 0);
    return bus;
}

void append_number(Bytes& target, std::size_t value) {
    for (int shift = 0; shift < 32; shift += 8)
        target.push_back(static_cast<std::uint8_t>(value >> shift));
}

void pad(Bytes& target) {
    while (target.size() % 8 != 0)
        target.push_back(0);
}

/// A method return in little-endian, see "Message Format".
Bytes frame(ByteView body) {
    Bytes message{'l', 2, 0, 1};
    append_number(message, body.size());
    append_number(message, 1); // serial
    Bytes fields{5, 1, 'u', 0};
    append_number(fields, 1); // of the call
    constexpr std::string_view signature = "taa{sv}aa{sv}";
    append(fields, Bytes{8, 1, 'g', 0, static_cast<std::uint8_t>(signature.size())});
    append(fields, as_bytes(signature));
    fields.push_back(0);
    append_number(message, fields.size());
    append(message, fields);
    pad(message);
    append(message, body);
    return message;
}

/// Null where the bytes are no message.
sdbus::MessagePtr receive(sd_bus* bus) {
    for (;;) {
        sd_bus_message* raw = nullptr;
        const int result = sd_bus_process(bus, &raw);
        sdbus::MessagePtr message(raw);
        if (result <= 0)
            return {};
        std::uint8_t type = 0;
        if (message && sd_bus_message_get_type(raw, &type) >= 0 && type == SD_BUS_MESSAGE_METHOD_RETURN)
            return message;
    }
}

void use(const pkcs11::Snapshot& snapshot) {
    std::vector<const pkcs11::Object*> objects;
    for (const pkcs11::Object& object : snapshot.objects) {
        const pkcs11::Slot* slot = snapshot.find_slot(object.slot);
        require(slot != nullptr && slot->token.has_value());
        (void)pkcs11::attributes_of(object, *slot->token);
        objects.push_back(&object);
    }
    for (const CK_MECHANISM_TYPE type : pkcs11::mechanisms_of(objects))
        require(pkcs11::mechanism_info(type, objects).has_value());
    for (const pkcs11::Slot& slot : snapshot.slots) {
        (void)pkcs11::slot_info(slot);
        if (slot.token)
            (void)pkcs11::token_info(*slot.token, {});
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t size_max = 64 * 1024; // what the socket takes at once
    if (size > size_max)
        return 0;
    UniqueFd peer;
    const sdbus::BusPtr bus = connect(peer);
    const Bytes message = frame({data, size});
    require(::send(peer.get(), message.data(), message.size(), 0) == static_cast<ssize_t>(message.size()));
    const sdbus::MessagePtr answer = receive(bus.get());
    if (!answer)
        return 0;
    try {
        use(pkcs11::read_snapshot(answer.get()));
    } catch (const Error& error) {
        require(error.code() == ErrorCode::Internal);
    }
    return 0;
}
