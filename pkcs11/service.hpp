// SPDX-License-Identifier: LGPL-2.1-or-later
// What the module asks digisignd for, as functions: org.digisign.DigiSign1.Cryptoki.

#pragma once

#include "common/bytes.hpp"
#include "common/mechanism.hpp"
#include "common/secure_buffer.hpp"
#include "pkcs11/connection.hpp"
#include "pkcs11/snapshot.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace digisign::pkcs11 {

/// All throw the service's Error; ServiceUnavailable and TimedOut as Connection.
class Service {
public:
    /// Most that goes into one call; longer data is digested in a stream.
    static constexpr std::size_t max_data = 64 * 1024;

    Service(std::string socket_path, std::function<void(sd_bus_message*)> on_signal)
        : connection_(std::move(socket_path), std::move(on_signal)) {}

    Connection& connection() { return connection_; }

    Snapshot get_snapshot();

    void login(CK_SLOT_ID slot, ByteView pin);
    /// `linger`: a Login soon after goes on with the same login.
    void logout(CK_SLOT_ID slot, bool linger);
    void set_pin(CK_SLOT_ID slot, ByteView old_pin, ByteView new_pin);
    void unblock_pin(CK_SLOT_ID slot, ByteView puk, ByteView new_pin);

    /// A mechanism and what it is to be used on; `digested` as in Cryptoki.Sign.
    struct SignatureInput {
        std::string mechanism;
        bool digested = false;
        Bytes data;
    };

    Bytes sign(const Object& key, const SignatureInput& input);
    SecureBuffer decrypt(const Object& key, const std::string& mechanism, ByteView cryptogram);

    struct Derivation {
        Bytes peer_point;
        Digest kdf = Digest::None;
        Bytes shared_info;
        std::uint32_t length = 0;
    };

    SecureBuffer derive(const Object& key, const Derivation& derivation);

    Bytes digest(Digest digest, ByteView data);
    void digest_update(std::uint64_t stream, Digest digest, ByteView data);
    Bytes digest_final(std::uint64_t stream, ByteView rest);
    void digest_cancel(std::uint64_t stream);

    /// Throws Error(SignatureInvalid).
    void verify(const Object& key, const SignatureInput& input, ByteView signature);
    Bytes encrypt(const Object& key, const std::string& mechanism, ByteView plain_text);
    Bytes random(std::uint32_t length);

private:
    template <class... Arguments>
    Connection::Reply call(const char* member, Connection::Clock::duration timeout,
                           const Arguments&... arguments);

    Connection connection_;
};

} // namespace digisign::pkcs11
